// The part of anywidget's model that the panel uses.

export interface Model {
  get(name: string): unknown;
  send(content: unknown): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  /** The front end's widget manager; not every front end's has a `kernel`. */
  widget_manager?: unknown;
}
