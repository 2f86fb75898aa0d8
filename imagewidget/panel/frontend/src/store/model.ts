// The part of a widget model that the panel uses: anywidget hands it over.

export interface Model {
  get(name: string): unknown;
  send(content: unknown): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  /** The front end's own manager of widgets; not each has a `kernel`. */
  widget_manager?: unknown;
}
