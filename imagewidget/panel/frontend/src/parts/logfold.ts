// The heading of the log, with the number of its lines. The log itself is one of the other parts: it
// is loaded when the reader opens it, or with them, and then open.

import { show } from "../kit/dom";
import { Fold } from "../kit/fold";
import { plural } from "../kit/format";
import type { Store } from "../store/store";

interface Section {
  update(): void;
  dispose?(): void;
}

export class LogFold {
  readonly fold: Fold;
  readonly el: HTMLElement;
  #section: Section | null = null;

  /** `opened` is called when the reader opens the fold before there is anything in it. */
  constructor(
    private readonly store: Store,
    opened: () => void,
  ) {
    this.fold = new Fold("Log", store.memory.folds);
    this.fold.open(store.memory.folds.get("Log") ?? false);
    this.fold.toggled = opened;
    this.el = this.fold.el;
  }

  update(): void {
    if (this.#section) {
      this.#section.update();
      return;
    }
    const { log_length } = this.store.state;
    show(this.el, log_length > 0);
    this.fold.note(plural(log_length, "line"));
  }

  /** Puts the log into the fold. */
  fill(make: () => Section): void {
    this.fold.open(this.store.memory.folds.get("Log") ?? true);
    this.#section = make();
  }

  dispose(): void {
    this.#section?.dispose?.();
  }
}
