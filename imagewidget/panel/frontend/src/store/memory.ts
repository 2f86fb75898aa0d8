// What the reader opened, closed and looked for: a front end may draw a view anew.

export class ViewMemory {
  /** By the name of what opens and closes; what is not here is as it is at first. */
  readonly folds = new Map<string, boolean>();
  wraps = false;
  query = "";
  /** The name of what has the focus. */
  focused = "";
}
