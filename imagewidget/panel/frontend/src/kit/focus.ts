// Keeps the reader's focus when a front end re-renders the panel, and keeps keys pressed in the
// panel from triggering the notebook's shortcuts.

/** Focuses an element without scrolling the page. */
export function focusOn(element: HTMLElement | null | undefined): void {
  element?.focus({ preventScroll: true });
}

/** Whether nothing has the focus. */
export const isFocusFree = (): boolean => document.activeElement === document.body;

const nameOf = (el: Element) => el.getAttribute("aria-label") ?? el.textContent ?? "";

/** Stores the name of the focused element in `memory`. */
export function keepFocus(root: HTMLElement, memory: { focused: string }): void {
  root.addEventListener("focusin", ({ target }) => {
    memory.focused = nameOf(target as Element);
  });
  root.addEventListener("focusout", ({ target }) => {
    if ((target as Element).isConnected && root.isConnected) memory.focused = "";
  });
}

/** Focuses the element that had the focus in an earlier view, if nothing else has it. */
export function restoreFocus(root: HTMLElement, memory: { focused: string }): void {
  if (!memory.focused || !isFocusFree()) return;
  const all = root.querySelectorAll<HTMLElement>("button, input, [tabindex]");
  focusOn([...all].find((el) => nameOf(el) === memory.focused));
}

/**
 * Keeps Jupyter's shortcuts, such as `x` to cut a cell, from reacting to keys pressed in `root`.
 * Lumino looks for an attribute of the focused element. Ctrl+S and the like still reach Jupyter.
 * Returns a function that undoes it.
 */
export function ownKeys(root: HTMLElement): () => void {
  const mark = ({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
    if (!(target instanceof Element && root.contains(target))) return;
    const ours = !(ctrlKey || metaKey || altKey) || target instanceof HTMLInputElement;
    target.toggleAttribute("data-lm-suppress-shortcuts", ours);
  };
  window.addEventListener("keydown", mark, true);
  return () => window.removeEventListener("keydown", mark, true);
}
