// @vitest-environment happy-dom
// One view as a whole: its structure, and how it moves to another element.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import * as details from "../src/details";
import type { Store } from "../src/store/store";
import { View } from "../src/view";
import { type FakeModel, plain, step, storeOf } from "./helpers";

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

/** Puts the other parts into the page as if another panel had received them. */
function receiveDetails(): void {
  vi.spyOn(store, "load").mockImplementation((name) => {
    store.send({ type: "module", name });
    return Promise.resolve(details as never);
  });
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

it("covers the HTML that is in its place, and uncovers it when it is disposed of", () => {
  const place = document.createElement("div");
  place.setAttribute("style", "padding: 8px");
  place.textContent = "pulling";
  document.body.append(place);
  const mounted = new View(place, store, [...place.childNodes]);
  expect(place.textContent).not.toContain("pulling owner");
  expect([...place.children]).toEqual([root(place)]);
  expect(place.getAttribute("style")).toBeNull();
  mounted.dispose();
  expect(place.textContent).toBe("pulling");
  expect(place.getAttribute("style")).toBe("padding: 8px");
});

it("is adrift in a place that is no longer in the page, even if a part of the page still is", () => {
  const around = document.createElement("div");
  const place = document.createElement("div");
  around.append(place);
  document.body.append(around);
  const mounted = new View(place, store, []);
  expect(mounted.isAdrift).toBe(false);
  around.remove();
  expect(mounted.isAdrift).toBe(true);
  mounted.dispose();
});

const asked = () => (store.model as FakeModel).sent.filter(({ type }) => type === "module");
const logButton = () => root()?.querySelector<HTMLElement>(".iw-log .iw-fold-button");

it("shows the heading of a log, and asks for the log when the reader opens it", async () => {
  receiveDetails();
  expect(root()?.querySelector<HTMLElement>(".iw-log")?.hidden).toBe(true);
  store.state.log_length = 3;
  store.changed();
  await vi.advanceTimersByTimeAsync(20);
  const log = root()?.querySelector<HTMLElement>(".iw-log");
  expect(log?.hidden).toBe(false);
  expect(plain(logButton())).toBe("Log3 lines");
  expect(logButton()?.getAttribute("aria-expanded")).toBe("false");
  expect(asked()).toEqual([]);
  logButton()?.focus();
  logButton()?.click();
  await vi.advanceTimersByTimeAsync(20);
  expect(asked()).toHaveLength(1);
  expect(root()?.querySelector(".iw-log")).toBe(log);
  expect(document.activeElement).toBe(logButton());
  expect(logButton()?.getAttribute("aria-expanded")).toBe("true");
  expect(log?.querySelector<HTMLElement>(".iw-lines")?.closest("[hidden]")).toBeNull();
  const follows = (store.model as FakeModel).sent.flatMap((one) =>
    one.type === "follow" ? [one.on] : [],
  );
  logButton()?.click();
  expect(follows).toEqual([true]);
  expect(log?.querySelector<HTMLElement>(".iw-lines")?.closest("[hidden]")).not.toBeNull();
});

it("keeps a log closed that the reader closed before it came", async () => {
  let come: (module: unknown) => void = () => {};
  const coming = new Promise((resolve) => (come = resolve));
  vi.spyOn(store, "load").mockReturnValue(coming as never);
  store.state.log_length = 3;
  view.update();
  logButton()?.click();
  logButton()?.click();
  come(details);
  await vi.advanceTimersByTimeAsync(20);
  expect(root()?.querySelector(".iw-lines")).not.toBeNull();
  expect(logButton()?.getAttribute("aria-expanded")).toBe("false");
});

it("shows the HTML again while the kernel is gone and the other parts never came", async () => {
  let come: (module: unknown) => void = () => {};
  const coming = new Promise((resolve) => (come = resolve));
  vi.spyOn(store, "load").mockReturnValue(coming as never);
  const covered = place();
  covered.textContent = "failed: no such image";
  const mounted = new View(covered, store, [...covered.childNodes]);
  store.state.phase = "failed";
  store.changed();
  vi.advanceTimersByTime(20);
  expect(root(covered)).not.toBeNull();
  store.setAlive(false);
  vi.advanceTimersByTime(20);
  expect(covered.textContent).toBe("failed: no such image");
  expect(mounted.isAdrift).toBe(false);
  store.setAlive(true);
  vi.advanceTimersByTime(20);
  expect(covered.textContent).not.toContain("no such image");
  store.setAlive(false);
  vi.advanceTimersByTime(20);
  expect(root(covered)).toBeNull();
  come(details);
  await vi.advanceTimersByTimeAsync(20);
  expect(root(covered)?.querySelector(".iw-error")).not.toBeNull();
  mounted.dispose();
  expect(covered.textContent).toBe("failed: no such image");
});

it("asks for the other parts when there are some, and shows all in their order", async () => {
  receiveDetails();
  expect(root()?.querySelector(".iw-steps")).toBeNull();
  store.state.steps = [step()];
  store.state.log_length = 1;
  store.changed();
  await vi.advanceTimersByTimeAsync(20);
  expect(asked()).toEqual([{ v: 1, type: "module", name: "details" }]);
  expect(logButton()?.getAttribute("aria-expanded")).toBe("true");
  const order = [...(root()?.children ?? [])].map(({ className }) => className.split(" ").at(-1));
  expect(order.slice(-6)).toEqual([
    "iw-tries",
    "iw-error",
    "iw-layers",
    "iw-steps",
    "iw-warnings",
    "iw-log",
  ]);
});

it("leaves nothing behind when it is disposed of", () => {
  view.dispose();
  expect(root()).toBeNull();
  store.changed();
  expect(host.childNodes).toHaveLength(0);
});
