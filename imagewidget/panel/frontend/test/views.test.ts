// @vitest-environment happy-dom
// Which view of a job is shown in which element.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Store } from "../src/store/store";
import { Views } from "../src/views";
import { storeOf } from "./helpers";

let store: Store;
let views: Views;

beforeEach(() => {
  vi.useFakeTimers();
  store = storeOf();
  views = new Views(store);
});

afterEach(() => {
  views.dispose();
  store.dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

function place(text = ""): HTMLElement {
  const el = document.createElement("div");
  el.textContent = text;
  document.body.append(el);
  return el;
}

const root = (within: HTMLElement) => within.querySelector<HTMLElement>(".iw");

it("shows one view in each place, however often it is found", () => {
  const [first, second] = [place(), place()];
  for (const one of [first, second, first]) views.mount(one);
  expect(root(first)).not.toBeNull();
  expect(root(second)).not.toBeNull();
  expect(document.querySelectorAll(".iw")).toHaveLength(2);
});

it("moves the view of a place that was replaced, and creates none", () => {
  const before = place("at first");
  views.mount(before);
  const shown = root(before);
  before.remove();
  const after = place("a little later");
  views.mount(after);
  expect(root(after)).toBe(shown);
  expect(before.textContent).toBe("at first");
});

it("shows a view again in a place that was out of the page, as cells out of sight are", () => {
  const [first, second] = [place(), place()];
  views.mount(first);
  first.remove();
  views.mount(second);
  document.body.append(first);
  views.mount(first);
  expect(root(first)).not.toBeNull();
  expect(root(second)).not.toBeNull();
});

it("moves a view whose widget view has ended, or disposes of it after a while", () => {
  const [first, second, third] = [place(), place(), place()];
  views.show(first);
  const shown = root(first);
  views.release(first);
  views.mount(second);
  expect(root(second)).toBe(shown);
  views.show(third);
  views.release(third);
  vi.advanceTimersByTime(11_000);
  expect(root(second)).toBe(shown);
  expect(root(third)).toBeNull();
});

it("keeps one view for a place that is about to come, not more", () => {
  const places = [place(), place(), place()];
  for (const one of places) views.mount(one);
  const shown = places.map(root);
  for (const one of places) one.remove();
  const next = [place(), place(), place()];
  for (const one of next) views.mount(one);
  expect(next.map(root).filter((one) => shown.includes(one))).toHaveLength(2);
});
