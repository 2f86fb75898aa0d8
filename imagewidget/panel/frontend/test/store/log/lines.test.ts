// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Kernel } from "../../../src/store/log/kernel";
import { LogLines } from "../../../src/store/log/lines";
import type { Request, WireLine } from "../../../src/wire";
import { frame, snapshot } from "../../helpers";

let sent: Request[];
let kernel: { -readonly [Name in keyof Kernel]: Kernel[Name] };
let lines: LogLines;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  kernel = { link: "live", isOver: false, send: (request) => sent.push(request) };
  lines = new LogLines(kernel);
});

afterEach(() => {
  lines.dispose();
  vi.useRealTimers();
});

const answer = (start: number, stop: number, texts: WireLine[]) =>
  lines.answered({ v: 1, type: "lines", run: 1, start, stop, lines: texts });
const found = (start: number, stop: number, ranges: [number, number][], id = 1) =>
  lines.found({ v: 1, type: "found", run: 1, id, start, stop, ranges });

it("requests only the lines where a fast reader stops, and only those that are missing", () => {
  lines.grow(10_000);
  lines.push(frame({ lines: [[5000, "here"]] }));
  for (const start of [100, 2000, 5000]) lines.want(start, start + 20);
  vi.advanceTimersByTime(200);
  expect(sent).toEqual([
    { type: "lines", start: 4940, stop: 5000 },
    { type: "lines", start: 5001, stop: 5080 },
  ]);
});

it("repeats a request that was never answered", () => {
  lines.grow(10);
  const ask = () => {
    lines.want(0, 10);
    vi.advanceTimersByTime(200);
  };
  ask();
  ask();
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(5000);
  ask();
  expect(sent).toHaveLength(2);
});

it("remembers which lines the kernel has dropped", () => {
  lines.grow(3);
  answer(0, 3, [[2, "last"]]);
  expect([0, 1, 2].map((number) => lines.get(number)?.[1] ?? null)).toEqual([null, null, "last"]);
  expect([...lines.here()]).toEqual([[2, "last"]]);
});

it("shows the line that is still being written until it is complete", () => {
  lines.push(frame({ open: [0, "50 %"] }));
  expect(lines.open?.[1]).toBe("50 %");
  lines.push(frame({ lines: [[0, "100 %"]], open: null }));
  expect(lines.open).toBeNull();
});

it("keeps the line that is still being written when a snapshot does not mention it", () => {
  lines.push(frame({ open: [0, "50 %"] }));
  lines.push(snapshot());
  lines.grow(0);
  expect(lines.open?.[1]).toBe("50 %");
  lines.grow(1);
  expect(lines.open).toBeNull();
});

it("continues a search where the kernel stopped, until every line is searched", () => {
  lines.grow(300);
  const find = lines.find("error", null);
  found(0, 200, [[3, 5]]);
  expect(find.isComplete).toBe(false);
  vi.advanceTimersByTime(400);
  found(200, 300, [[250, 250]]);
  expect(find.isComplete).toBe(true);
  expect(sent.map((request) => "start" in request && request.start)).toEqual([0, 200]);
  expect(find.count).toBe(4);
});

it("maps the index of a match to its line number", () => {
  lines.grow(300);
  const find = lines.find("error", null);
  found(0, 300, [
    [3, 5],
    [250, 250],
  ]);
  expect([0, 2, 3].map((index) => find.lineAt(index))).toEqual([3, 5, 250]);
});

it("searches lines that came later, and ignores a repeated answer", () => {
  lines.grow(10);
  const find = lines.find("x", 2);
  found(0, 10, [[1, 1]]);
  found(0, 10, [[1, 1]]);
  expect(find.count).toBe(1);
  lines.grow(20);
  vi.advanceTimersByTime(1100);
  expect(sent.at(-1)).toEqual({ type: "find", id: 1, query: "x", step: 2, start: 10 });
});

it("asks at most three times a second, however many searches there are", () => {
  lines.grow(10);
  for (const step of [0, 1, 2, 3]) lines.find("", step);
  const asked = new Map<unknown, number>();
  for (let ms = 0, seen = 0; ms < 10_000; ms += 50) {
    for (const request of sent.slice(seen)) {
      if (request.type !== "find") continue;
      asked.set(request.step, (asked.get(request.step) ?? 0) + 1);
      found(request.start, lines.length, [], request.id);
    }
    seen = sent.length;
    vi.advanceTimersByTime(50);
    lines.grow(lines.length + 100);
  }
  expect(sent.length).toBeLessThanOrEqual(30);
  expect(asked.size).toBe(4); // each search gets its turn
  expect(Math.min(...asked.values())).toBeGreaterThanOrEqual(5);
});

it("does not wait for the answer to a search that was dropped", () => {
  lines.grow(10);
  lines.forget(lines.find("old", null));
  lines.find("new", null);
  expect(sent.map((request) => "query" in request && request.query)).toEqual(["old", "new"]);
});

it("goes on to the next search when a question is not answered", () => {
  lines.grow(10);
  lines.find("one", null);
  lines.find("two", null);
  vi.advanceTimersByTime(5100);
  expect(sent.map((request) => "query" in request && request.query)).toEqual(["one", "two"]);
});

it("stops asking when the kernel is gone, and continues when it is back", () => {
  lines.grow(10);
  lines.find("one", null);
  kernel.link = "gone";
  lines.find("two", null);
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
  kernel.link = "live";
  lines.grow(10);
  expect(sent).toHaveLength(2);
});
