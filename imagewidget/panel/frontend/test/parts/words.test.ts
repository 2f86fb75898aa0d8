// @vitest-environment happy-dom
// The words for what a job is doing, on screen and for screen readers.
import { expect, it } from "vitest";
import { sign, spoken } from "../../src/parts/words";
import type { State } from "../../src/wire";
import { ERROR, openStore } from "../helpers";

it("shows a running job whose kernel is gone as interrupted, but not a finished one", () => {
  const store = openStore({});
  store.setAlive(false);
  expect(sign(store).word).toBe("Interrupted");
  store.state.phase = "done";
  expect(sign(store).word).toBe("Done");
});

it.each<[Partial<State>, string]>([
  [{ phase: "retrying", retry_in: 1.2 }, "Retrying in 2 s"],
  [{ stalled_for: 12.7 }, "Stalled for 12 s"],
  [{ operation: "build" }, "Pulling base image"],
  [{ phase: "checking" }, "Checking the local cache"],
])("has a word for %j", (state, word) => {
  expect(sign(openStore(state)).word.replaceAll("\u00a0", " ")).toBe(word);
});

it("announces phases, not figures", () => {
  const state = openStore({ source: "ghcr.io" }).state;
  expect(spoken(state)).toBe("Pulling owner/env:1 from ghcr.io");
  expect(spoken({ ...state, phase: "failed", error: ERROR })).toBe(`Failed: ${ERROR.message}`);
});
