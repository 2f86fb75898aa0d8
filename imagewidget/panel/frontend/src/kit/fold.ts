// A heading that expands and collapses the content below it.
import { h, setAttribute, setText, show, uniqueId } from "./dom";
import { icon } from "./icons";

export class Fold {
  readonly el: HTMLElement;
  readonly body: HTMLElement;
  readonly tools = h("div.iw-fold-tools");
  #button: HTMLButtonElement;
  #note = h("span.iw-fold-note");
  isOpen = true;
  /** Called when the reader has opened or closed the fold. */
  toggled: (open: boolean) => void = () => {};

  constructor(title: string, memory: Map<string, boolean>) {
    const id = uniqueId("fold");
    this.#button = h(
      "button.iw-fold-button",
      { type: "button", "aria-controls": id },
      icon("chevron"),
      h("span.iw-fold-title", {}, title),
      this.#note,
    );
    this.body = h("div.iw-fold-body", { id });
    this.el = h(
      "div.iw-fold",
      { role: "group", "aria-label": title },
      h("div.iw-fold-head", {}, this.#button, this.tools),
      this.body,
    );
    this.el.classList.add(`iw-${title.toLowerCase()}`);
    this.#button.addEventListener("click", () => {
      this.open(!this.isOpen);
      memory.set(title, this.isOpen);
      this.toggled(this.isOpen);
    });
    this.open(memory.get(title) ?? true);
  }

  open(open: boolean): void {
    this.isOpen = open;
    setAttribute(this.#button, "aria-expanded", String(open));
    show(this.body, open);
    show(this.tools, open);
  }

  note(text: string): void {
    setText(this.#note, text);
  }
}
