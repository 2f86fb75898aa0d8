// Plain DOM with small helpers. Text from outside only ever becomes textContent.

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

export function show(element: HTMLElement, visible: boolean): void {
  if (element.hidden === visible) element.hidden = !visible;
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
    const before = this.#rows;
    this.#rows = new Map();
    let next = this.parent.firstElementChild;
    items.forEach((item, index) => {
      const name = key(item, index);
      const row = before.get(name) ?? this.make(item);
      before.delete(name);
      this.#rows.set(name, row);
      row.update(item, index);
      if (row.el === next) next = next.nextElementSibling;
      else this.parent.insertBefore(row.el, next);
    });
    for (const row of before.values()) {
      row.dispose?.();
      row.el.remove();
    }
  }

  dispose(): void {
    for (const row of this.#rows.values()) row.dispose?.();
  }
}
