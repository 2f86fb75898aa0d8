// The numbers of the log lines that match a query or belong to a step, as the kernel finds them.

import type { FoundAnswer, Request } from "../../wire";
import type { Kernel } from "./kernel";

const AFTER_ALL = 1000; // ms until what has come since is looked at
const BETWEEN = 350; // ms between questions: frames come too, and twelve messages a second are much
const BETWEEN_AT_REST = 100; // when no frames come
const PATIENCE = 5000; // ms until an unanswered question gives way to the next

/** The log that is searched, and how many lines it has by now. */
interface Log {
  readonly length: number;
}

/** What was found so far. */
export class Find {
  #ranges: [first: number, last: number][] = [];
  #counts: number[] = []; // lines in the ranges up to and including this one
  #next = 0;

  constructor(
    private readonly log: Log,
    readonly id: number,
    readonly query: string,
    readonly step: number | null,
  ) {}

  /** How many lines were found so far. */
  get count(): number {
    return this.#counts.at(-1) ?? 0;
  }

  /** Whether every line was looked at. */
  get isComplete(): boolean {
    return this.#next >= this.log.length;
  }

  /** The number of the `index`th line found. */
  lineAt(index: number): number {
    const at = firstWith(this.#counts, (count) => count > index);
    const before = at > 0 ? (this.#counts[at - 1] ?? 0) : 0;
    return (this.#ranges[at]?.[0] ?? 0) + index - before;
  }

  question(): Request {
    return { type: "find", id: this.id, query: this.query, step: this.step, start: this.#next };
  }

  /** Takes an answer; false if it answers another question. */
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

/** Asks for all of them in turn: one question at a time, however many look for something. */
export class Finds {
  #finds = new Map<number, Find>(); // the one that was asked longest ago is first
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
    if (find === this.#asked) this.#rest();
  }

  /** The log has grown. */
  grow(): void {
    if (this.#timer === undefined) this.#ask();
  }

  answered(answer: FoundAnswer): void {
    const find = this.#finds.get(answer.id);
    if (find?.take(answer)) this.#rest();
  }

  /** Another log: all begin again. */
  restart(): void {
    for (const find of this.#finds.values()) find.restart();
    this.dispose();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asked = null;
  }

  #rest(): void {
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

/** The first index whose item passes `test`, as all behind it do; the length if none does. */
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
