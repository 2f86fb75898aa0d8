// The numbers of the log lines that match a query or belong to a step, as the kernel finds them.
import type { LogLines } from "./lines";
import type { FoundAnswer, Request } from "./wire";

const AGAIN = 1000; // ms between questions while the log grows

export class Find {
  #ranges: [first: number, last: number][] = [];
  #counts: number[] = []; // lines in the ranges up to and including this one
  #next = 0;
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly lines: LogLines,
    readonly id: number,
    readonly query: string,
    readonly step: number | null,
    private readonly send: (request: Request) => void,
    private readonly changed: () => void,
  ) {}

  /** How many lines were found so far. */
  get count(): number {
    return this.#counts.at(-1) ?? 0;
  }

  /** Whether every line was looked at. */
  get isComplete(): boolean {
    return this.#next >= this.lines.length;
  }

  /** The number of the `index`th line found. */
  lineAt(index: number): number {
    const at = search(this.#counts.length, (i) => (this.#counts[i] ?? 0) > index);
    const before = at > 0 ? (this.#counts[at - 1] ?? 0) : 0;
    return (this.#ranges[at]?.[0] ?? 0) + index - before;
  }

  /** The index of the first line found at or after line `number`. */
  indexFrom(number: number): number {
    const at = search(this.#ranges.length, (i) => (this.#ranges[i]?.[1] ?? 0) >= number);
    const before = at > 0 ? (this.#counts[at - 1] ?? 0) : 0;
    const first = this.#ranges[at]?.[0];
    return first === undefined ? this.count : before + Math.max(0, number - first);
  }

  grow(): void {
    if (this.#asking || this.isComplete) return;
    this.#asking = true;
    this.#ask();
  }

  answered({ start, stop, ranges }: FoundAnswer): void {
    if (start !== this.#next) return;
    for (const [first, last] of ranges) {
      this.#ranges.push([first, last]);
      this.#counts.push(this.count + last - first + 1);
    }
    this.#next = stop;
    clearTimeout(this.#timer);
    if (this.isComplete) {
      this.#timer = setTimeout(() => {
        this.#asking = false;
        this.grow();
      }, AGAIN);
    } else this.#ask();
    this.changed();
  }

  restart(): void {
    this.#ranges = [];
    this.#counts = [];
    this.#next = 0;
    this.#asking = false;
    clearTimeout(this.#timer);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #ask(): void {
    this.send({ type: "find", id: this.id, query: this.query, step: this.step, start: this.#next });
    this.#timer = setTimeout(() => this.#ask(), 5 * AGAIN); // unanswered: the kernel was busy
  }
}

/** The first index in `[0, count)` for which `test` holds; `count` if none. */
function search(count: number, test: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
