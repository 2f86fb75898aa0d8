// What the builder warned about.

import { h, prose, Rows, setText, show } from "../kit/dom";
import { Fold } from "../kit/fold";
import { count } from "../kit/format";
import { icon } from "../kit/icons";
import type { Store } from "../store/store";
import type { Warning } from "../wire";

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
