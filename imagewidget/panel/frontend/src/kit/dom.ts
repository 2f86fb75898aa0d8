// Plain DOM with small helpers. Text from outside only ever becomes textContent.
import { focusOn } from "./focus";

type Attributes = Record<string, string | number | boolean | null | undefined>;
type Child = Node | string | null;

/** Makes an element: `h("p.iw-hint", { id: "x" }, "text")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name as K);
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) setAttribute(element, key, value);
  element.append(...children.filter((child): child is Node | string => child !== null));
  return element;
}

/** An id that nothing else in the page has, not even what another copy of this script made. */
export const uniqueId = (name: string): string =>
  `iw-${name}-${Math.random().toString(36).slice(2)}`;

/** What people write: `what stands so` is code. */
export function prose(text: string): Node[] {
  const pieces = text.split(/`([^`\n]+)`/);
  return pieces.map((piece, index) =>
    index % 2 === 1 ? h("code", {}, piece) : document.createTextNode(piece),
  );
}

export function setAttribute(
  element: Element,
  name: string,
  value: string | number | boolean | null | undefined,
): void {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setStyle(element: HTMLElement, name: "height" | "transform", value: string): void {
  if (element.style[name] !== value) element.style[name] = value;
}

/** Shows or hides; a focus that would be lost with it goes to `heir`, or to the panel. */
export function show(element: HTMLElement, visible: boolean, heir?: HTMLElement): void {
  if (element.hidden !== visible) return;
  if (!visible) passFocus(element, heir);
  element.hidden = !visible;
}

function passFocus(element: HTMLElement, heir?: HTMLElement): void {
  if (!element.contains(document.activeElement)) return;
  focusOn(heir ?? element.closest<HTMLElement>(".iw"));
}

export interface Row<T> {
  readonly el: HTMLElement;
  update(item: T, index: number): void;
  dispose?(): void;
}

/** Keeps the children of `parent` in step with a list, moving only what has to move. */
export class Rows<T> {
  #rows = new Map<string, Row<T>>();

  constructor(
    private readonly parent: HTMLElement,
    private readonly make: (item: T) => Row<T>,
  ) {}

  update(items: readonly T[], key: (item: T, index: number) => string): void {
    const names = items.map(key);
    this.#removeAllBut(new Set(names));
    let next = this.parent.firstElementChild;
    items.forEach((item, index) => {
      const name = names[index] ?? "";
      const row = this.#rows.get(name) ?? this.make(item);
      this.#rows.set(name, row);
      row.update(item, index);
      if (row.el === next) next = next.nextElementSibling;
      else this.parent.insertBefore(row.el, next);
    });
  }

  /** Before the others are put in order: behind a row that is still there, all would move. */
  #removeAllBut(names: Set<string>): void {
    for (const [name, row] of this.#rows) {
      if (names.has(name)) continue;
      this.#rows.delete(name);
      row.dispose?.();
      passFocus(row.el);
      row.el.remove();
    }
  }

  dispose(): void {
    for (const row of this.#rows.values()) row.dispose?.();
  }
}
