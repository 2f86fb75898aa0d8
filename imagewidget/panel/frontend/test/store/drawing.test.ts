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

const subscribe = (name: string) => drawing.subscribe(() => draws.push(name));

it("draws every view once per animation frame", () => {
  subscribe("one");
  subscribe("two");
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

it("does not draw a view that has unsubscribed", () => {
  const unsubscribe = subscribe("one");
  subscribe("two");
  drawing.changed();
  unsubscribe();
  vi.advanceTimersByTime(20);
  expect(draws).toEqual(["two"]);
});

it("draws nothing after it is disposed of", () => {
  subscribe("one");
  drawing.changed();
  drawing.dispose();
  vi.advanceTimersByTime(20);
  expect(draws).toEqual([]);
});
