// Where the reader is: the scroll positions, and the focused element.
import { focusOn, isFocusFree } from "./focus";

/** Tracks both in `root`, because they are lost when the elements are removed from the page. */
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

  /** Returns a function that restores the present position. */
  keep(): () => void {
    const tops = new Map(this.#tops);
    const focused = this.#focused;
    return () => {
      for (const [element, top] of tops) element.scrollTop = top;
      if (isFocusFree()) focusOn(focused);
    };
  }
}
