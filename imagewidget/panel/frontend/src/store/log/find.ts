// The numbers of the log lines that match a query or belong to a step. The kernel does the search.

import type { FoundAnswer, Request } from "../../wire";
import type { Kernel } from "./kernel";

const AFTER_ALL = 1000; // ms until lines that were added since are searched
const BETWEEN = 350; // ms between questions: with the frames, up to twelve messages a second
const BETWEEN_AT_REST = 100; // ms between questions when there are no frames
const PATIENCE = 5000; // ms until the next question is asked if this one is not answered

/** The log that is searched, with its present number of lines. */
interface Log {
  readonly length: number;
}

/** One search, with the lines found so far. */
export class Find {
  #ranges: [first: number, last: number][] = [];
  #counts: number[] = []; // number of lines in the ranges up to and including this one
  #next = 0;

  constructor(
    private readonly log: Log,
    readonly id: number,
    readonly query: string,
    readonly step: number | null,
  ) {}

  /** The number of lines found so far. */
  get count(): number {
    return this.#counts.at(-1) ?? 0;
  }

  /** Whether every line has been searched. */
  get isComplete(): boolean {
    return this.#next >= this.log.length;
  }

  /** Returns the line number of the match at `index`. */
  lineAt(index: number): number {
    const at = firstWith(this.#counts, (count) => count > index);
    const before = at > 0 ? (this.#counts[at - 1] ?? 0) : 0;
    return (this.#ranges[at]?.[0] ?? 0) + index - before;
  }

  question(): Request {
    return { type: "find", id: this.id, query: this.query, step: this.step, start: this.#next };
  }

  /** Adds an answer; returns false if it does not answer the current question. */
  take({ start, stop, ranges }: FoundAnswer): boolean {
    if (start !== this.#next) return false;
    for (const [first, last] of ranges) {
      this.#ranges.push([first, last]);
      this.#counts.push(this.count + last - first + 1);
    }
    this.#next = stop;
    return true;
  }

  restart(): void {
    this.#ranges = [];
    this.#counts = [];
    this.#next = 0;
  }
}

/** Runs all searches in turn, one question at a time. */
export class Finds {
  #finds = new Map<number, Find>(); // least recently asked first
  #asked: Find | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;

  constructor(
    private readonly log: Log,
    private readonly kernel: Kernel,
  ) {}

  open(query: string, step: number | null): Find {
    const find = new Find(this.log, ++this.#lastId, query, step);
    this.#finds = new Map([[find.id, find], ...this.#finds]);
    if (!this.#asked) this.#ask();
    return find;
  }

  forget(find: Find): void {
    this.#finds.delete(find.id);
    if (find === this.#asked) this.#pause();
  }

  /** Continues the searches after the log has grown. */
  grow(): void {
    if (this.#timer === undefined) this.#ask();
  }

  answered(answer: FoundAnswer): void {
    const find = this.#finds.get(answer.id);
    if (find?.take(answer)) this.#pause();
  }

  /** Restarts all searches for another log. */
  restart(): void {
    for (const find of this.#finds.values()) find.restart();
    this.dispose();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asked = null;
  }

  #pause(): void {
    const isDone = [...this.#finds.values()].every((find) => find.isComplete);
    const between = this.kernel.isOver ? BETWEEN_AT_REST : BETWEEN;
    this.#asked = null;
    this.#askAfter(isDone ? AFTER_ALL : between);
  }

  #ask(): void {
    this.dispose();
    const find = [...this.#finds.values()].find((one) => !one.isComplete);
    if (!find || this.kernel.link === "gone") return;
    this.#finds.delete(find.id);
    this.#finds.set(find.id, find);
    this.#asked = find;
    this.#askAfter(PATIENCE);
    this.kernel.send(find.question());
  }

  #askAfter(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), wait);
  }
}

/** Returns the first index whose item passes `test`, as all after it must; the length if none. */
function firstWith<T>(items: readonly T[], test: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
