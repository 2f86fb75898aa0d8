// Buttons: an icon with a visible label or, where there is no room, with an accessible name.

import { h, setAttribute, setText } from "./dom";
import { type IconName, icon, setIcon } from "./icons";
import { copyText } from "./output";

export class Button {
  readonly el: HTMLButtonElement;
  #icon: SVGSVGElement;
  #word: HTMLSpanElement | null;

  constructor(name: IconName, label: string, act: () => void, options: { bare?: boolean } = {}) {
    this.#icon = icon(name);
    this.#word = options.bare ? null : h("span", {}, label);
    this.el = h("button.iw-button", { type: "button" }, this.#icon, this.#word);
    if (options.bare) {
      this.el.classList.add("iw-bare");
      this.label(label);
    }
    this.el.addEventListener("click", act);
  }

  label(text: string, name?: IconName): void {
    if (this.#word) setText(this.#word, text);
    else {
      setAttribute(this.el, "aria-label", text);
      setAttribute(this.el, "title", text);
    }
    if (name) setIcon(this.#icon, name);
  }

  /** Shows that a click does nothing now. A really disabled button would lose the focus. */
  dim(idle: boolean): void {
    setAttribute(this.el, "aria-disabled", idle ? "true" : null);
  }
}

/** The text to copy; `isWhole` is false if only part of it was available. */
export interface Copied {
  text: string;
  isWhole: boolean;
}

/** Makes a button that copies text and confirms it for a moment. */
export function copyButton(what: string, get: () => string | Promise<Copied>): Button {
  const label = `Copy ${what}`;
  let timer: ReturnType<typeof setTimeout>;
  const confirm = (word: string, name: IconName) => {
    button.label(word, name);
    clearTimeout(timer);
    timer = setTimeout(() => button.label(label, "copy"), 1600);
  };
  const copy = async () => {
    const got = get();
    if (typeof got === "string") return copyText(got).then(() => confirm("Copied", "check"));
    await copyText(got.then(({ text }) => text));
    if ((await got).isWhole) confirm("Copied", "check");
    else confirm("Copied in part", "warning");
  };
  const failed = (error: unknown) =>
    confirm(error instanceof Error ? error.message : "Copying failed", "cross");
  const button = new Button("copy", label, () => copy().catch(failed), { bare: true });
  return button;
}
