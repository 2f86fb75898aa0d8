// Real buttons: a word or, where there is no room, an icon with a name.
import { copyText } from "./copy";
import { h, setAttribute, setText } from "./dom";
import { type IconName, icon, setIcon } from "./icons";

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
}

/** A button that copies, and says for a moment that it did. */
export function copyButton(what: string, text: () => string | Promise<string>): Button {
  const label = `Copy ${what}`;
  let timer: ReturnType<typeof setTimeout>;
  const say = (word: string, name: IconName) => {
    button.label(word, name);
    clearTimeout(timer);
    timer = setTimeout(() => button.label(label, "copy"), 1600);
  };
  const button = new Button(
    "copy",
    label,
    () =>
      copyText(text()).then(
        () => say("Copied", "check"),
        (error: unknown) => say(error instanceof Error ? error.message : "Not copied", "cross"),
      ),
    { bare: true },
  );
  return button;
}
