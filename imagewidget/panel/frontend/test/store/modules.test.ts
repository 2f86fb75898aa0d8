import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { need, receive } from "../../src/store/modules";

let asked: string[];
let end: AbortController;
let number = 0;
let name: string;

/** Asks as the model `who` of one page. */
const needed = (who: string, isComing = false) =>
  need<{ text: string }>(name, () => asked.push(who), end.signal, isComing);

const source = (text: string) =>
  new DataView(new TextEncoder().encode(`export const text = ${JSON.stringify(text)};`).buffer);

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  end = new AbortController();
  name = `module-${++number}`;
  // Node imports no blobs, but data.
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => urls.get(blob as Blob) ?? "");
  vi.stubGlobal("Blob", FakeBlob);
});

const urls = new WeakMap<object, string>();

class FakeBlob {
  constructor([data]: DataView[]) {
    const text = new TextDecoder().decode(data);
    urls.set(this, `data:text/javascript,${encodeURIComponent(text)}`);
  }
}

afterEach(() => {
  end.abort();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("is asked for once by all panels of a page, and imported once", async () => {
  const both = [needed("a"), needed("b")];
  expect(asked).toEqual(["a"]);
  receive(name, source("first"));
  receive(name, source("second"));
  const [one, other] = await Promise.all(both);
  expect(one?.text).toBe("first");
  expect(other).toBe(one);
  expect((await needed("c")).text).toBe("first");
  expect(asked).toEqual(["a"]);
});

it("is not asked for if it is coming, unless it does not come", () => {
  needed("a", true);
  needed("b");
  vi.advanceTimersByTime(2_900);
  expect(asked).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(asked).toEqual(["a"]);
});

it("is asked for by another panel if the first one's kernel does not answer", () => {
  const first = new AbortController();
  need(name, () => asked.push("a"), first.signal);
  needed("b");
  first.abort();
  vi.advanceTimersByTime(3_000);
  expect(asked).toEqual(["a", "b"]);
});

it("is asked for by every panel in turn: one does not keep another from asking", () => {
  needed("a");
  needed("b");
  vi.advanceTimersByTime(10 * 60_000);
  const times = (who: string) => asked.filter((one) => one === who).length;
  expect(times("a")).toBeGreaterThan(9);
  expect(times("b")).toBeGreaterThan(9);
});

it("is asked for again if a comm could not be written to", () => {
  let times = 0;
  const ask = () => {
    times += 1;
    throw new Error("The comm was disposed of.");
  };
  need(name, ask, end.signal);
  vi.advanceTimersByTime(10_000);
  expect(times).toBe(3);
});

it("is asked for less and less often, and not after the end", () => {
  needed("a");
  vi.advanceTimersByTime(60_000);
  expect(asked).toHaveLength(5);
  end.abort();
  vi.advanceTimersByTime(600_000);
  expect(asked).toHaveLength(5);
});
