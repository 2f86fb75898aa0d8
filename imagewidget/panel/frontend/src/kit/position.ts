// Where the reader is: what is scrolled to where, and what has the focus.
import { focusOn, isFocusFree } from "./focus";

/** Follows it in `root`, for all of it is lost when the elements leave the page. */
export class Position {
  #tops = new Map<Element, number>();
  #focused: HTMLElement | null = null;

  constructor(root: HTMLElement) {
    root.addEventListener(
      "scroll",
      ({ target }) => target instanceof Element && this.#tops.set(target, target.scrollTop),
      { capture: true, passive: true },
    );
    root.addEventListener("focusin", ({ target }) => {
      this.#focused = target as HTMLElement;
    });
    root.addEventListener("focusout", () => {
      queueMicrotask(() => {
        if (root.isConnected && !root.contains(document.activeElement)) this.#focused = null;
      });
    });
  }

  /** Gives the way back to where the reader is now. */
  keep(): () => void {
    const tops = new Map(this.#tops);
    const focused = this.#focused;
    return () => {
      for (const [element, top] of tops) element.scrollTop = top;
      if (isFocusFree()) focusOn(focused);
    };
  }
}
