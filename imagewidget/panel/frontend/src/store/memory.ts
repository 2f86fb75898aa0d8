// What the reader opened, closed and searched for, kept for when a front end re-creates a view.

export class ViewMemory {
  /** Whether each fold, by name, is open; a missing one is in its default state. */
  readonly folds = new Map<string, boolean>();
  wraps = false;
  query = "";
  /** The name of the focused element. */
  focused = "";
}
