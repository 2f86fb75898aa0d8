// @vitest-environment happy-dom
// Whether the log follows its end. What it looks like is tested in a real browser.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { h } from "../../src/kit/dom";
import { VirtualList } from "../../src/kit/virtual";

const LINES = 100;
const HEIGHT = 180;

let list: VirtualList;

beforeEach(() => {
  vi.useFakeTimers();
  const lines = { count: () => LINES, key: String, make: () => h("p"), seen: () => {} };
  list = new VirtualList(lines, "Log lines", () => {});
  document.body.append(list.el);
  Object.defineProperty(list.el, "clientHeight", { value: HEIGHT });
  Object.defineProperty(list.el, "scrollHeight", { value: LINES * 18 });
  list.draw();
});

afterEach(() => {
  list.dispose();
  list.el.remove();
  vi.useRealTimers();
});

function scrollUp(): void {
  list.el.scrollTop -= 100;
  list.el.dispatchEvent(new Event("scroll"));
}

it("does not take for a reader's what nobody scrolled", () => {
  scrollUp();
  expect(list.follows).toBe(true);
});

it.each(["wheel", "keydown", "touchmove"])("leaves its end after a %s, for a while", (input) => {
  list.el.dispatchEvent(new Event(input));
  vi.advanceTimersByTime(2000);
  scrollUp();
  expect(list.follows).toBe(true);
  list.el.dispatchEvent(new Event(input));
  scrollUp();
  expect(list.follows).toBe(false);
});

it("leaves its end however long the scroll bar was held before", () => {
  list.el.dispatchEvent(new Event("pointerdown"));
  vi.advanceTimersByTime(60_000);
  scrollUp();
  expect(list.follows).toBe(false);
});

it.each(["pointerup", "pointercancel"])("sees a %s wherever the pointer is by then", (end) => {
  list.el.dispatchEvent(new Event("pointerdown"));
  window.dispatchEvent(new Event(end));
  vi.advanceTimersByTime(2000);
  scrollUp();
  expect(list.follows).toBe(true);
});
