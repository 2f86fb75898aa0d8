// Notices besides the progress: failed attempts, warnings, and a lost kernel.

import { h, prose, Rows, setText, show } from "../kit/dom";
import { Fold } from "../kit/fold";
import { count } from "../kit/format";
import { icon } from "../kit/icons";
import { isFinal, type Store } from "../store/store";
import type { Attempt, Warning } from "../wire";
import { attemptTable, failedTries } from "./attempts";

const GONE =
  "The kernel was restarted or shut down, and this job ended with it. " +
  "The panel shows its last known state.";

export class Notices {
  readonly el = h("div.iw-notices");
  #link = h("p");
  #linkBox = h("div.iw-notice", { hidden: true, "data-tone": "warn" }, icon("unplug"), this.#link);
  #tries = h("div.iw-tries", { hidden: true });
  #triesOf: Attempt[] | null = null;

  constructor(private readonly store: Store) {
    this.el.append(this.#linkBox, this.#tries);
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
    const failed = failedTries(state);
    const visible = failed.length > 0 && state.phase !== "failed"; // listed in the error card
    show(this.#tries, visible);
    if (visible && state.attempts !== this.#triesOf) {
      this.#triesOf = state.attempts;
      this.#tries.replaceChildren(attemptTable(failed));
    }
  }
}

export class Warnings {
  readonly el: HTMLElement;
  #fold: Fold;
  #list = h("ul");
  #more = h("p.iw-quiet");
  #rows = new Rows<Warning>(this.#list, (warning) => ({
    el: warningItem(warning),
    update: () => {}, // a warning never changes
  }));

  constructor(private readonly store: Store) {
    this.#fold = new Fold("Warnings", store.memory.folds);
    this.#fold.body.append(this.#list, this.#more);
    this.el = this.#fold.el;
  }

  update(): void {
    const { state, run } = this.store;
    const more = state.more_warnings;
    show(this.el, state.warnings.length > 0);
    this.#fold.note(count(state.warnings.length + more));
    setText(this.#more, more > 0 ? `and ${count(more)} more` : "");
    this.#rows.update(state.warnings, (_, index) => `${run} ${index}`);
  }
}

function warningItem({ message, detail, url, dockerfile_line: line }: Warning): HTMLElement {
  const where = line === null ? "" : ` (Dockerfile, line ${line})`;
  const item = h("li.iw-warning", {}, icon("warning"), h("p", {}, ...prose(`${message}${where}`)));
  if (detail) item.append(h("p.iw-quiet", {}, ...prose(detail)));
  if (/^https?:\/\//.test(url)) {
    const web = { href: url, target: "_blank", rel: "noopener noreferrer" };
    item.append(h("a", web, "About this warning"));
  }
  return item;
}
