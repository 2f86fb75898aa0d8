// A progress bar with two tones; it moves to and fro while the total is unknown.
import { h, setAttribute, setStyle } from "./dom";

export interface BarState {
  label: string;
  /** 0 to 1; null while it is unknown. */
  value: number | null;
  /** 0 to 1, drawn in the stronger tone: how much of the layer has been extracted. */
  second?: number;
  /** What a screen reader reads out instead of the bare number. */
  text?: string;
  tone?: string;
}

export class Bar {
  readonly el: HTMLElement;
  #first = h("i.iw-bar-first");
  #second = h("i.iw-bar-second");

  constructor(name = "iw-bar") {
    this.el = h("div.iw-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 });
    this.el.classList.add(name);
    this.el.append(this.#first, this.#second);
  }

  set({ label, value, second = 0, text, tone = "" }: BarState): void {
    setAttribute(this.el, "aria-label", label);
    setAttribute(this.el, "aria-valuenow", value === null ? null : Math.floor(value * 100));
    setAttribute(this.el, "aria-valuetext", value === null ? null : text);
    setAttribute(this.el, "data-tone", tone || null);
    setAttribute(this.el, "data-unknown", value === null);
    scale(this.#first, value ?? 0);
    scale(this.#second, Math.min(second, value ?? 0));
  }
}

function scale(element: HTMLElement, value: number): void {
  setStyle(element, "transform", `scaleX(${Math.max(0, Math.min(1, value)).toFixed(4)})`);
}
