// The log lines received so far, and requests for missing ones. No line is sent twice.

import {
  type FoundAnswer,
  type Frame,
  type LinesAnswer,
  MOST_LINES,
  type WireLine,
} from "../../wire";
import { type Find, Finds } from "./find";
import type { Kernel } from "./kernel";

const WAIT = 120; // ms: while a reader scrolls fast, only the lines where they stop are requested
const PATIENCE = 5000; // ms until an unanswered request may be repeated
const PREFETCH = 60; // lines before and after the visible ones

export class LogLines {
  length = 0;
  /** The line that is still being written. */
  open: WireLine | null = null;
  #lines = new Map<number, WireLine | null>(); // null: dropped by the kernel
  #asked = new Map<number, number>();
  #wanted: [number, number] | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #finds: Finds;

  constructor(private readonly kernel: Kernel) {
    this.#finds = new Finds(this, kernel);
  }

  /** Returns the line; null if the kernel has dropped it, undefined if it was not received. */
  get(number: number): WireLine | null | undefined {
    return this.#lines.get(number);
  }

  get size(): number {
    return this.#lines.size;
  }

  /** Yields every line received, in order. */
  *here(): Iterable<WireLine> {
    for (const number of [...this.#lines.keys()].sort((a, b) => a - b)) {
      const line = this.#lines.get(number);
      if (line) yield line;
    }
  }

  push(frame: Frame): void {
    for (const line of frame.lines ?? []) this.#add(line);
    if (frame.open !== undefined) this.open = frame.open; // omitted when unchanged
  }

  grow(length: number): void {
    this.length = Math.max(this.length, length);
    if (this.open && this.open[0] < this.length) this.open = null; // complete by now
    this.#finds.grow();
  }

  answered({ start, stop, lines }: LinesAnswer): void {
    for (const line of lines) this.#add(line);
    for (let number = start; number < stop; number++) {
      this.#asked.delete(number);
      if (!this.#lines.has(number)) this.#lines.set(number, null);
    }
  }

  /** Requests the missing lines in `[start, stop)`, after a short wait. */
  want(start: number, stop: number): void {
    this.#wanted = [Math.max(0, start - PREFETCH), Math.min(this.length, stop + PREFETCH)];
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#ask();
    }, WAIT);
  }

  find(query: string, step: number | null): Find {
    return this.#finds.open(query, step);
  }

  forget(find: Find): void {
    this.#finds.forget(find);
  }

  found(answer: FoundAnswer): void {
    this.#finds.answered(answer);
  }

  clear(): void {
    this.#lines.clear();
    this.#asked.clear();
    this.length = 0;
    this.open = null;
    this.#finds.restart();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#finds.dispose();
  }

  #add(line: WireLine): void {
    this.#lines.set(line[0], line);
    this.#asked.delete(line[0]);
    this.length = Math.max(this.length, line[0] + 1);
  }

  #ask(): void {
    if (!this.#wanted) return;
    const [start, stop] = this.#wanted;
    this.#wanted = null;
    const now = performance.now();
    const isMissing = (number: number) =>
      !this.#lines.has(number) && now - (this.#asked.get(number) ?? -PATIENCE) >= PATIENCE;
    let from = start;
    while (from < stop) {
      if (!isMissing(from)) {
        from++;
        continue;
      }
      let to = from;
      while (to < stop && to - from < MOST_LINES && isMissing(to)) this.#asked.set(to++, now);
      this.kernel.send({ type: "lines", start: from, stop: to });
      from = to;
    }
  }
}
