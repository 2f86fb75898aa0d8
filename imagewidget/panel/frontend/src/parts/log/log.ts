// The log lines: all of them, or those of one step.
import { lineNodes } from "../../kit/ansi";
import { h } from "../../kit/dom";
import { count } from "../../kit/format";
import { type Lines, VirtualList } from "../../kit/virtual";
import type { Find } from "../../store/log/find";
import { Log } from "../../store/log/log";
import type { Store } from "../../store/store";

export class LogView implements Lines {
  readonly list: VirtualList;
  query = "";
  /** The line number of the current search match; -1 if there is none. */
  current = -1;

  #log: Log;

  constructor(
    private readonly store: Store,
    label: string,
    followed: (follows: boolean) => void = () => {},
    private readonly only: Find | null = null,
  ) {
    this.#log = Log.of(store);
    this.list = new VirtualList(this, label, followed);
  }

  count(): number {
    const { lines } = this.#log;
    return this.only ? this.only.count : lines.length + (lines.open ? 1 : 0);
  }

  lineAt(index: number): number {
    return this.only ? this.only.lineAt(index) : index;
  }

  key(index: number): string {
    const { lines } = this.#log;
    const number = this.lineAt(index);
    const line = lines.get(number);
    if (line === undefined && number === lines.length) return `open ${lines.open?.[1]}`;
    const search = this.query ? `${number === this.current} ${this.query}` : "";
    return `${number} ${line ? "" : this.#placeholder(line)} ${search}`;
  }

  make(index: number): HTMLElement {
    const { lines } = this.#log;
    const number = this.lineAt(index);
    const isOpen = number === lines.length && lines.open !== null;
    const line = isOpen ? lines.open : lines.get(number);
    const text = h("span.iw-line-text");
    if (line) text.append(...lineNodes(line[1], this.query));
    else text.append(this.#placeholder(line));
    const row = h(
      "div.iw-line",
      { "data-stream": line?.[3] === 2 ? 2 : null, "data-lacks": !line },
      h("span.iw-line-number", { "aria-hidden": "true" }, count(number + 1)),
      text,
    );
    if (number === this.current) row.classList.add("iw-current");
    return row;
  }

  /** Returns the text for a line that the kernel has dropped or has not sent yet. */
  #placeholder(line: null | undefined): string {
    return line === null || this.store.link === "gone" ? "⋯ not available" : "…";
  }

  seen(start: number, stop: number): void {
    const { lines } = this.#log;
    if (stop <= start || this.store.link === "gone") return;
    let from = -1;
    let to = -1;
    for (let index = start; index < stop; index++) {
      const number = this.lineAt(index);
      if (number >= lines.length || lines.get(number) !== undefined) continue;
      if (from < 0) from = number;
      to = number;
    }
    if (from < 0) return;
    // The lines of a step may be far apart; do not request all the lines between them.
    if (this.only && to - from > 2 * (stop - start)) to = from + (stop - start);
    lines.want(from, to + 1);
  }

  /** Draws the list, as tall as its lines but at most as tall as `most` of them. */
  draw(most: number): void {
    this.list.el.style.setProperty("--iw-line-count", String(Math.min(this.count(), most)));
    this.list.draw();
  }

  dispose(): void {
    this.list.dispose();
  }
}
