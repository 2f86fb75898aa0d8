// The log below its heading, with its tools: search, wrap, copy, download, and a button back to the end.
import { plainText } from "../../kit/ansi";
import { Button, type Copied, copyButton } from "../../kit/button";
import { h, setAttribute, setText, show, uniqueId } from "../../kit/dom";
import type { Fold } from "../../kit/fold";
import { count, plural } from "../../kit/format";
import { saveAs } from "../../kit/output";
import type { Find } from "../../store/log/find";
import { Log } from "../../store/log/log";
import type { Store } from "../../store/store";
import { LogView } from "./log";

const LINES_SHOWN = 14;
const TYPING = 200; // ms without a keystroke before a search begins

export class LogSection {
  readonly el: HTMLElement;
  #view: LogView;
  #input = h("input.iw-search-input", {
    type: "search",
    placeholder: "Search the log",
    "aria-label": "Search the log",
    spellcheck: "false",
    autocomplete: "off",
  });
  #found = h("span.iw-search-count", { id: uniqueId("found") });
  #toEnd: Button;
  #wrap: Button;
  #download: Button;
  #previous: Button;
  #next: Button;
  #find: Find | null = null;
  #at = -1;
  #jumps = false; // whether to go to the first match as soon as it is found
  #isSaving = false;
  #run = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  #log: Log;

  constructor(
    private readonly store: Store,
    private readonly fold: Fold,
  ) {
    this.#log = Log.of(store);
    this.#view = new LogView(store, "Log lines", () => this.#updateFollow());
    fold.toggled = () => {
      this.#updateFollow();
      this.update();
    };
    this.#previous = new Button("up", "Previous match", () => this.#step(-1), { bare: true });
    this.#next = new Button("down", "Next match", () => this.#step(1), { bare: true });
    this.#wrap = new Button("wrap", "Wrap long lines", () => this.#toggleWrap(), { bare: true });
    this.#download = new Button("download", "Download the log", () => this.#save(), { bare: true });
    this.#toEnd = new Button("down", "Newest lines", () => this.#view.list.toEnd());
    this.#toEnd.el.classList.add("iw-to-end");
    const copy = copyButton("the log", () => this.#copied());
    setAttribute(this.#input, "aria-describedby", this.#found.id);
    this.fold.tools.append(
      h("div.iw-search", {}, this.#input, this.#found, this.#previous.el, this.#next.el),
      this.#wrap.el,
      copy.el,
      this.#download.el,
    );
    this.fold.body.append(this.#view.list.el, this.#toEnd.el);
    this.el = this.fold.el;
    this.#input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#search(true), TYPING);
    });
    this.#input.addEventListener("keydown", (event) => this.#pressed(event));
    this.#input.value = store.memory.query;
    this.#updateFollow();
  }

  update(): void {
    const { store } = this;
    if (this.#run !== store.run) {
      this.#run = store.run;
      this.#view.list.reset();
      this.#search(false); // a new run is followed, even after a search in the previous one
    }
    const length = this.#view.count();
    show(this.el, length > 0);
    if (length === 0) return;
    this.fold.note(plural(length, "line"));
    this.#view.list.el.classList.toggle("iw-wrap", store.memory.wraps);
    setAttribute(this.#wrap.el, "aria-pressed", String(store.memory.wraps));
    if (!this.fold.isOpen) return;
    this.#view.draw(LINES_SHOWN);
    const { follows, unseen } = this.#view.list;
    show(this.#toEnd.el, !follows, this.#view.list.el);
    this.#toEnd.label(unseen > 0 ? `${count(unseen)} new` : "Newest lines");
    this.#showFound();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    if (this.#find) this.#log.lines.forget(this.#find);
    this.#log.followers.set(this, false);
    this.#view.dispose();
  }

  #updateFollow(): void {
    this.#log.followers.set(this, this.fold.isOpen && this.#view.list.follows);
    this.store.changed();
  }

  #toggleWrap(): void {
    const { memory } = this.store;
    memory.wraps = !memory.wraps;
    this.update();
  }

  #pressed(event: KeyboardEvent): void {
    if (event.key === "Enter") {
      event.preventDefault();
      if (this.#input.value !== this.#view.query) this.#search(true);
      else this.#step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape" && this.#input.value) {
      event.preventDefault();
      this.#input.value = "";
      this.#search(false);
    }
  }

  #search(jumps: boolean): void {
    clearTimeout(this.#timer);
    this.#jumps = jumps;
    const query = this.#input.value;
    this.store.memory.query = query;
    if (this.#find) this.#log.lines.forget(this.#find);
    this.#find = query ? this.#log.lines.find(query, null) : null;
    this.#view.query = query;
    this.#view.current = -1;
    this.#at = -1;
    this.update();
  }

  #step(by: 1 | -1): void {
    const find = this.#find;
    if (!find || find.count === 0) return;
    this.#jumps = false;
    if (this.#at < 0 && by < 0) this.#at = 0; // backwards without a current match: the last one
    this.#at = (this.#at + by + find.count) % find.count;
    this.#view.current = find.lineAt(this.#at);
    this.#view.list.toRow(this.#view.current);
    this.update();
  }

  #showFound(): void {
    const find = this.#find;
    if (find && this.#jumps && find.count > 0) {
      this.#step(1);
      return;
    }
    for (const button of [this.#previous, this.#next]) button.dim(!find?.count);
    setText(this.#found, find ? this.#foundText(find) : "");
    if (find?.isComplete) this.#jumps = false; // do not move the reader to a match that comes later
  }

  #foundText(find: Find): string {
    if (find.count === 0) {
      if (find.isComplete) return "no matches";
      return this.store.link === "gone" ? "no kernel" : "searching";
    }
    if (this.#at < 0) return `${count(find.count)} found`;
    return `${count(this.#at + 1)} of ${count(find.count)}`;
  }

  /** Returns the whole log or, if the kernel cannot send it, the lines received so far. */
  async #file(): Promise<{ file: Blob; isWhole: boolean }> {
    const { link } = this.store;
    const { downloads, lines } = this.#log;
    try {
      if (link === "gone") throw new Error("The kernel is gone.");
      return { file: await downloads.fetch(), isWhole: true };
    } catch (error) {
      if (lines.size === 0) throw error;
      const here = [...lines.here()].map((line) => `${plainText(line[1])}\n`);
      return { file: new Blob(here, { type: "text/plain" }), isWhole: false };
    }
  }

  async #copied(): Promise<Copied> {
    const { file, isWhole } = await this.#file();
    return { text: await file.text(), isWhole };
  }

  async #save(): Promise<void> {
    if (this.#isSaving) return;
    this.#isSaving = true;
    this.#download.dim(true);
    this.#download.label("Downloading", "spinner");
    try {
      const { file, isWhole } = await this.#file();
      const name = (this.store.state.reference || "build").replaceAll(/[^\w.-]+/g, "-");
      saveAs(file, isWhole ? `${name}.log` : `${name}-partial.log`);
      this.#download.label("Download the log", "download");
    } catch {
      this.#download.label("Download failed", "cross");
    }
    this.#download.dim(false);
    this.#isSaving = false;
  }
}
