import { expect, it } from "vitest";
import { Asking } from "../../src/store/asking";

const seconds = (asking: Asking, count: number): boolean[] =>
  Array.from({ length: count }, () => asking.tick());

it("does nothing before it is pressed", () => {
  const asking = new Asking({ again: 1 });
  expect(seconds(asking, 3)).toEqual([false, false, false]);
  expect([asking.isWaiting, asking.isUnheard]).toEqual([false, false]);
});

it("asks again once, and keeps waiting", () => {
  const asking = new Asking({ again: 2 });
  asking.press();
  expect(seconds(asking, 4)).toEqual([false, true, false, false]);
  expect(asking.isWaiting).toBe(true);
});

it("is unheard after three seconds, unless the request takes effect sooner", () => {
  const asking = new Asking({ again: 9 });
  asking.press();
  seconds(asking, 2);
  expect(asking.isUnheard).toBe(false);
  seconds(asking, 1);
  expect(asking.isUnheard).toBe(true);
  asking.end();
  expect([asking.isWaiting, asking.isUnheard]).toEqual([false, false]);
});

it("counts from the first press", () => {
  const asking = new Asking({ again: 3 });
  asking.press();
  seconds(asking, 2);
  asking.press();
  expect(asking.tick()).toBe(true);
});

it("gives up in the end, and can then be pressed again", () => {
  const asking = new Asking({ again: 2, over: 4 });
  asking.press();
  seconds(asking, 3);
  expect(asking.isWaiting).toBe(true);
  seconds(asking, 1);
  expect(asking.isWaiting).toBe(false);
  asking.press();
  expect(seconds(asking, 2)).toEqual([false, true]);
});
