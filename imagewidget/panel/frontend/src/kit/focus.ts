// The focus, which a reader must not lose when a front end draws again what they look at; and the
// keys pressed where it is, which are the panel's, not shortcuts of the notebook around it.

/** Gives the focus, and leaves the page where it is scrolled to. */
export function focusOn(element: HTMLElement | null | undefined): void {
  element?.focus({ preventScroll: true });
}

/** Whether nothing has the focus. */
export const isFocusFree = (): boolean => document.activeElement === document.body;

/** Keeps the name of what has the focus in `memory`, and gives it to what has that name now. */
export function keepFocus(root: HTMLElement, memory: { focused: string }): void {
  const nameOf = (el: Element) => el.getAttribute("aria-label") ?? el.textContent ?? "";
  if (memory.focused && isFocusFree()) {
    const all = root.querySelectorAll<HTMLElement>("button, input, [tabindex]");
    focusOn([...all].find((el) => nameOf(el) === memory.focused));
  }
  root.addEventListener("focusin", ({ target }) => {
    memory.focused = nameOf(target as Element);
  });
  root.addEventListener("focusout", ({ target }) => {
    if ((target as Element).isConnected && root.isConnected) memory.focused = "";
  });
}

/**
 * Keeps Jupyter's shortcuts, which would cut a cell on `x`, from keys pressed in `root`; until
 * what this gives is called. Lumino asks the focused element; Ctrl+S and the like stay Jupyter's.
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
