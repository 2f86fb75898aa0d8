// The views that show the end of the log. The kernel sends new lines while there is at least one.
import type { Request } from "../../wire";

export class Followers {
  #views = new Set<object>();

  constructor(private readonly send: (request: Request) => void) {}

  /** Records whether `view` shows the end of the log. */
  set(view: object, on: boolean): void {
    const before = this.#views.size > 0;
    if (on) this.#views.add(view);
    else this.#views.delete(view);
    const after = this.#views.size > 0;
    if (before !== after) this.send({ type: "follow", on: after });
  }
}
