// Where the reader is: the scroll positions, the focused element, and the selected text.
import { focusOn, isFocusFree } from "./focus";

type Selected = [anchor: Node, offset: number, focus: Node, offset: number];

/** Tracks them in `root`, because they are lost when the elements are removed from the page. */
export class Position {
  #tops = new Map<Element, number>();
  #focused: HTMLElement | null = null;
  #selected: Selected | null = null;
  readonly #select = () => this.#noteSelection();

  constructor(private readonly root: HTMLElement) {
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
    document.addEventListener("selectionchange", this.#select);
  }

  /** Returns a function that restores the present position. */
  keep(): () => void {
    const tops = new Map(this.#tops);
    const focused = this.#focused;
    const selected = this.#selected;
    return () => {
      for (const [element, top] of tops) element.scrollTop = top;
      if (isFocusFree()) focusOn(focused);
      const selection = document.getSelection();
      const isWhole =
        selected && this.root.contains(selected[0]) && this.root.contains(selected[2]);
      if (isWhole && selection?.isCollapsed) selection.setBaseAndExtent(...selected);
    };
  }

  dispose(): void {
    document.removeEventListener("selectionchange", this.#select);
  }

  #noteSelection(): void {
    if (!this.root.isConnected) return;
    const { anchorNode, anchorOffset, focusNode, focusOffset, isCollapsed } =
      document.getSelection() ?? {};
    const isOurs = this.root.contains(anchorNode ?? null) && this.root.contains(focusNode ?? null);
    this.#selected =
      isOurs && !isCollapsed && anchorNode && focusNode
        ? [anchorNode, anchorOffset ?? 0, focusNode, focusOffset ?? 0]
        : null;
  }
}
