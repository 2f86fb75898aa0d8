// The views that look at the end of the log: the kernel sends new lines while there are any.
import type { Request } from "../wire";

export class Followers {
  #views = new Set<object>();

  constructor(private readonly send: (request: Request) => void) {}

  /** A view says whether it looks at the end of the log. */
  set(view: object, on: boolean): void {
    const before = this.#views.size > 0;
    if (on) this.#views.add(view);
    else this.#views.delete(view);
    const after = this.#views.size > 0;
    if (before !== after) this.send({ type: "follow", on: after });
  }
}
