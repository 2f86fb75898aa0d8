// @vitest-environment happy-dom
// Tests whether a list follows its end. How it looks is tested in a real browser.
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

it("keeps following when scrolling was not caused by the reader", () => {
  scrollUp();
  expect(list.follows).toBe(true);
});

it.each(["wheel", "keydown", "touchmove"])(
  "stops following when it is scrolled up soon after a %s event",
  (input) => {
    list.el.dispatchEvent(new Event(input));
    vi.advanceTimersByTime(2000);
    scrollUp();
    expect(list.follows).toBe(true);
    list.el.dispatchEvent(new Event(input));
    scrollUp();
    expect(list.follows).toBe(false);
  },
);

const wheel = (deltaY: number) => new WheelEvent("wheel", { deltaY });
const key = (name: string) => new KeyboardEvent("keydown", { key: name });

it.each([wheel(-1), key("ArrowUp"), key("PageUp"), key("Home")])(
  "does not undo the beginning of a smooth scroll when rows are added (%#)",
  (input) => {
    const end = list.el.scrollTop;
    list.el.dispatchEvent(input);
    for (const moved of [0.4, 3, 40]) {
      list.el.scrollTop = end - moved;
      list.draw();
      expect(list.el.scrollTop).toBe(end - moved);
      list.el.dispatchEvent(new Event("scroll"));
      expect(list.follows).toBe(false);
    }
  },
);

it.each([wheel(1), key("ArrowDown"), key("PageDown"), key("End")])(
  "follows again when the reader turns back before anything has moved (%#)",
  (input) => {
    list.el.dispatchEvent(wheel(-1));
    expect(list.follows).toBe(false);
    list.el.dispatchEvent(input);
    expect(list.follows).toBe(true);
  },
);

it("keeps following where there is nothing above, and when it is scrolled sideways", () => {
  list.el.dispatchEvent(wheel(0));
  expect(list.follows).toBe(true);
  list.el.scrollTop = 0;
  list.el.dispatchEvent(wheel(-1));
  expect(list.follows).toBe(true);
});

it("stops following however long the scroll bar was held before", () => {
  list.el.dispatchEvent(new Event("pointerdown"));
  vi.advanceTimersByTime(60_000);
  scrollUp();
  expect(list.follows).toBe(false);
});

it.each(["pointerup", "pointercancel"])("notices a %s anywhere in the window", (end) => {
  list.el.dispatchEvent(new Event("pointerdown"));
  window.dispatchEvent(new Event(end));
  vi.advanceTimersByTime(2000);
  scrollUp();
  expect(list.follows).toBe(true);
});
