// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Drawing } from "../../src/store/drawing";

let drawing: Drawing;
let draws: string[];

beforeEach(() => {
  vi.useFakeTimers();
  drawing = new Drawing();
  draws = [];
});

afterEach(() => vi.useRealTimers());

const look = (name: string) => drawing.subscribe(() => draws.push(name));

it("draws every view once per frame of the screen", () => {
  look("one");
  look("two");
  drawing.changed();
  drawing.changed();
  expect(draws).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(draws).toEqual(["one", "two"]);
  vi.advanceTimersByTime(100);
  expect(draws).toHaveLength(2);
  drawing.changed();
  vi.advanceTimersByTime(20);
  expect(draws).toHaveLength(4);
});

it("draws no view that looks no more", () => {
  const leave = look("one");
  look("two");
  drawing.changed();
  leave();
  vi.advanceTimersByTime(20);
  expect(draws).toEqual(["two"]);
});

it("draws nothing after it is thrown away", () => {
  look("one");
  drawing.changed();
  drawing.dispose();
  vi.advanceTimersByTime(20);
  expect(draws).toEqual([]);
});
