// @vitest-environment happy-dom
// The lines of the log as they are shown.
import { afterEach, expect, it } from "vitest";
import { LogView } from "../../../src/parts/log/log";
import { storeOf } from "../../helpers";

const store = storeOf();
const log = new LogView(store, "Log lines");

afterEach(() => {
  log.dispose();
  store.dispose();
});

it("waits for a line that lacks, and not for a kernel that is gone", () => {
  store.lines.grow(10);
  store.lines.push({ v: 1, type: "frame", run: 1, seq: 2, lines: [[9, "the last"]] });
  const shown = (index: number) => log.make(index).lastElementChild?.textContent;
  const [lacking, here] = [log.key(0), log.key(9)];
  expect(shown(0)).toBe("…");
  store.setAlive(false);
  expect(shown(0)).toBe("⋯ not kept");
  expect(shown(9)).toBe("the last");
  expect(log.key(0)).not.toBe(lacking); // and so it is drawn anew
  expect(log.key(9)).toBe(here);
});
