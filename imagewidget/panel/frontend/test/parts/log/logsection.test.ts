// @vitest-environment happy-dom
// The log with its tools, and the requests that it sends to the kernel.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Fold } from "../../../src/kit/fold";
import { LogSection } from "../../../src/parts/log/logsection";
import { Store } from "../../../src/store/store";
import { FakeModel, snapshot } from "../../helpers";

let model: FakeModel;
let store: Store;
let log: LogSection;

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  store = new Store(model);
  log = new LogSection(store, new Fold("Log", store.memory.folds));
  store.subscribe(() => log.update());
  begin(1);
});

afterEach(() => {
  log.dispose();
  store.dispose();
  vi.useRealTimers();
});

function begin(run: number): void {
  const set = { phase: "building", log_length: 10 } as const;
  model.receive(snapshot({ run, set, lines: [[9, "the last line"]] }));
  vi.advanceTimersByTime(20);
}

function search(query: string): void {
  const input = log.el.querySelector("input") as HTMLInputElement;
  input.value = query;
  input.dispatchEvent(new Event("input"));
  vi.advanceTimersByTime(250);
}

function answer(): void {
  const asked = model.sent.findLast(({ type }) => type === "find");
  if (asked?.type !== "find") throw new Error("no search was requested");
  const { id, start } = asked;
  const ranges = [[3, 4]];
  model.receive({ v: 1, type: "found", run: store.run, id, start, stop: 10, ranges });
  vi.advanceTimersByTime(20);
}

const follows = () =>
  model.sent.flatMap((request) => (request.type === "follow" ? [request.on] : []));
const countText = () => log.el.querySelector(".iw-search-count")?.textContent;

it("goes to the first match, and stops following the log", () => {
  search("line");
  answer();
  expect(countText()).toBe("1 of 2");
  expect(follows()).toEqual([true, false]);
});

it("follows a new run, even after a search in the previous one", () => {
  search("line");
  answer();
  begin(2);
  answer();
  expect(follows()).toEqual([true, false, true]);
  expect(countText()).toBe("2 found");
});

it("does not move the reader to a match that comes later", () => {
  search("later");
  const asked = model.sent.findLast(({ type }) => type === "find");
  if (asked?.type !== "find") throw new Error("no search was requested");
  model.receive({ v: 1, type: "found", run: 1, id: asked.id, start: 0, stop: 10, ranges: [] });
  vi.advanceTimersByTime(20);
  expect(countText()).toBe("no matches");
  model.receive({ v: 1, type: "frame", run: 1, seq: 2, set: { log_length: 20 } });
  vi.advanceTimersByTime(1100);
  model.receive({
    v: 1,
    type: "found",
    run: 1,
    id: asked.id,
    start: 10,
    stop: 20,
    ranges: [[15, 15]],
  });
  vi.advanceTimersByTime(20);
  expect(countText()).toBe("1 found");
  expect(follows()).toEqual([true]);
});

it("does not show a search in progress when the kernel is gone", () => {
  search("line");
  expect(countText()).toBe("searching");
  store.setAlive(false);
  vi.advanceTimersByTime(20);
  expect(countText()).toBe("no kernel");
});

it("copies the lines received when the kernel is gone, and shows it is only a part", async () => {
  const write = vi.fn();
  vi.stubGlobal("ClipboardItem", class {});
  vi.spyOn(navigator, "clipboard", "get").mockReturnValue({ write } as unknown as Clipboard);
  store.setAlive(false);
  const button = log.el.querySelector<HTMLElement>("[aria-label='Copy the log']");
  button?.click();
  await vi.advanceTimersByTimeAsync(100);
  expect(write).toHaveBeenCalled();
  expect(button?.getAttribute("aria-label")).toBe("Copied in part");
  expect(model.kinds()).not.toContain("download");
  vi.unstubAllGlobals();
});

it("has no live region: the panel has only one", () => {
  expect(log.el.querySelector("output, [aria-live], [role=status]")).toBeNull();
  const described = log.el.querySelector("input")?.getAttribute("aria-describedby");
  expect(log.el.querySelector(".iw-search-count")?.id).toBe(described);
});

it("is as the reader left it when it is created again", () => {
  search("line");
  log.el.querySelector<HTMLElement>("[aria-label='Wrap long lines']")?.click();
  log.el.querySelector<HTMLElement>(".iw-fold-button")?.click();
  const again = new LogSection(store, new Fold("Log", store.memory.folds));
  again.update();
  const state = (name: string) => again.el.querySelector(`[${name}]`)?.getAttribute(name);
  expect(state("aria-pressed")).toBe("true");
  expect(state("aria-expanded")).toBe("false");
  expect(again.el.querySelector("input")?.value).toBe("line");
  again.dispose();
});
