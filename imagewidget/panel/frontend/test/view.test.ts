// @vitest-environment happy-dom
// One view as a whole: its structure, and how it moves to another element.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Store } from "../src/store/store";
import { View } from "../src/view";
import { type FakeModel, storeOf } from "./helpers";

let store: Store;
let host: HTMLElement;
let view: View;

beforeEach(() => {
  vi.useFakeTimers();
  store = storeOf();
  host = place();
  view = new View(host, store);
});

afterEach(() => {
  view.dispose();
  store.dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

function place(): HTMLElement {
  const el = document.createElement("div");
  document.body.append(el);
  return el;
}

const root = (within: HTMLElement = host) => within.querySelector<HTMLElement>(".iw");

it("has one live region, which comes first, and exposes the phase in its data attributes", () => {
  expect(root()?.querySelectorAll("[aria-live]")).toHaveLength(1);
  expect(root()?.firstElementChild?.getAttribute("role")).toBe("status");
  expect(root()?.dataset).toMatchObject({ phase: "pulling", still: "false" });
  store.state.phase = "done";
  store.changed();
  vi.advanceTimersByTime(20);
  expect(root()?.dataset).toMatchObject({ phase: "done", still: "true" });
});

it("notices from the class of its element when its comm is lost and restored", () => {
  const { trigger } = store.model as FakeModel;
  const notify = () => trigger.call(store.model, "comm_live_update");
  host.classList.add("jupyter-widgets-disconnected");
  notify();
  expect(store.link).toBe("gone");
  host.classList.remove("jupyter-widgets-disconnected");
  notify();
  expect(store.link).toBe("live");
});

it("is adrift when its element is removed after it was shown", () => {
  expect(view.isAdrift).toBe(false);
  host.remove();
  expect(view.isAdrift).toBe(true);
});

it("is not adrift while its element has not been added to the page yet", () => {
  const early = new View(document.createElement("div"), store);
  expect(early.isAdrift).toBe(false);
  early.dispose();
});

it("moves to another element with its parts and the focus", () => {
  const button = root()?.querySelector<HTMLButtonElement>("button");
  button?.focus();
  host.remove();
  const next = document.createElement("div");
  view.moveTo(next);
  expect(view.isIn(next)).toBe(true);
  vi.advanceTimersByTime(100);
  document.body.append(next); // as the front end does, a little later
  vi.advanceTimersByTime(20);
  expect(root(next)?.querySelector("button")).toBe(button);
  expect(document.activeElement).toBe(button);
});

it("leaves nothing behind when it is disposed of", () => {
  view.dispose();
  expect(root()).toBeNull();
  store.changed();
  host.classList.add("jupyter-widgets-disconnected");
  (store.model as FakeModel).trigger("comm_live_update");
  expect(store.link).toBe("live");
});
