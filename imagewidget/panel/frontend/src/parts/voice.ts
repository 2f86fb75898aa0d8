// The panel's only live region for screen readers. It announces changes of phase, never figures.
import { h, setText } from "../kit/dom";
import type { Store } from "../store/store";
import { sign, spoken } from "./words";

export class Voice {
  readonly el = h("div.iw-hidden", { role: "status", "aria-live": "polite" });
  #said = "";

  constructor(private readonly store: Store) {}

  update(): void {
    const { state, run, link, isKnown } = this.store;
    if (!isKnown) return;
    const phase = `${run} ${state.phase} ${link}`;
    if (phase === this.#said) return;
    this.#said = phase;
    setText(this.el, link === "live" ? spoken(state) : sign(this.store).word);
  }
}
