// The notice that the kernel is lost. It must be here before it is needed.

import { h, setText, show } from "../kit/dom";
import { icon } from "../kit/icons";
import { isFinal, type Store } from "../store/store";

const GONE =
  "The kernel was restarted or shut down, and this job ended with it. " +
  "The panel shows its last known state.";

export class Notices {
  readonly el = h("div.iw-notices");
  #link = h("p");
  #linkBox = h("div.iw-notice", { hidden: true, "data-tone": "warn" }, icon("unplug"), this.#link);

  constructor(private readonly store: Store) {
    this.el.append(this.#linkBox);
  }

  update(): void {
    const { state, link, quiet } = this.store;
    show(this.#linkBox, link !== "live" && !isFinal(state));
    if (link === "gone") setText(this.#link, GONE);
    else if (link === "silent") {
      setText(
        this.#link,
        `The kernel has not responded for ${quiet} s, although this job should be running. ` +
          "It may have been restarted or be unreachable; the panel resumes if it responds.",
      );
    }
  }
}
