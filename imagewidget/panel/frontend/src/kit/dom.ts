// Small helpers for plain DOM. Text from outside is only ever set as text, never as markup.
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

/** Returns an id that is unique in the page, even if several copies of this script run there. */
export const uniqueId = (name: string): string =>
  `iw-${name}-${Math.random().toString(36).slice(2)}`;

/** Turns prose into nodes; `text between backticks` becomes code. */
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

/** Shows or hides an element; if it holds the focus, `heir` or else the panel gets it. */
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

/** Keeps the children of `parent` in step with a list, and moves as few of them as possible. */
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

  /** Runs before the rows are put in order: all rows behind a stale one would be moved. */
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
