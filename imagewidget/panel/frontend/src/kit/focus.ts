// The focus, which a reader must not lose when a front end draws again what they look at.

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
