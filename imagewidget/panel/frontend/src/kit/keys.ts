// Keys pressed in the panel are the panel's, not shortcuts of the notebook around it.

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
