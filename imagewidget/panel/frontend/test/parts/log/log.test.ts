// @vitest-environment happy-dom
// How the lines of the log are shown.
import { afterEach, expect, it } from "vitest";
import { LogView } from "../../../src/parts/log/log";
import { Log } from "../../../src/store/log/log";
import { storeOf } from "../../helpers";

const store = storeOf();
const log = new LogView(store, "Log lines");

afterEach(() => {
  log.dispose();
  store.dispose();
});

it("waits for a missing line, but not when the kernel is gone", () => {
  Log.of(store).lines.grow(10);
  Log.of(store).lines.push({ v: 1, type: "frame", run: 1, seq: 2, lines: [[9, "the last"]] });
  const shown = (index: number) => log.make(index).lastElementChild?.textContent;
  const [missing, present] = [log.key(0), log.key(9)];
  expect(shown(0)).toBe("…");
  store.setAlive(false);
  expect(shown(0)).toBe("⋯ not available");
  expect(shown(9)).toBe("the last");
  expect(log.key(0)).not.toBe(missing); // so that the row is made again
  expect(log.key(9)).toBe(present);
});
