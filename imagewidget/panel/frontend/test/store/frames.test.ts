import { expect, it } from "vitest";
import { Frames } from "../../src/store/frames";
import { frame, snapshot } from "../helpers";

function begun(seq = 1, run = 1): Frames {
  const frames = new Frames();
  frames.take(snapshot({ run, seq, set: { phase: "pulling", reference: "owner/env:1" } }));
  return frames;
}

it("begins with a snapshot of any sequence number", () => {
  const frames = new Frames();
  expect(frames.take(snapshot({ run: 3, seq: 70, set: { bytes_done: 5 } }))).toBe("begun");
  expect([frames.run, frames.state.bytes_done]).toEqual([3, 5]);
  expect(frames.take(frame({ run: 3, seq: 71, set: { bytes_done: 6 } }))).toBe("next");
  expect(frames.state.bytes_done).toBe(6);
});

it.each<[string, Parameters<typeof frame>[0], string]>([
  ["the next frame", { seq: 6 }, "next"],
  ["the same frame again", { seq: 5 }, "old"],
  ["a frame that was overtaken", { seq: 3 }, "old"],
  ["a frame after a gap", { seq: 7 }, "missed"],
  ["a frame of the previous run", { run: 1, seq: 6 }, "old"],
  ["a frame of a run whose beginning was lost", { run: 3, seq: 6 }, "missed"],
  ["an older snapshot", { type: "snapshot", seq: 4 }, "old"],
  ["a snapshot of the present state", { type: "snapshot", seq: 5 }, "next"],
  ["a later snapshot", { type: "snapshot", seq: 9 }, "next"],
  ["a snapshot of the previous run", { type: "snapshot", run: 1, seq: 9 }, "old"],
  ["the first snapshot of a new run", { type: "snapshot", run: 3, seq: 1 }, "begun"],
])("decides by its number whether to apply a frame: %s", (_, body, taken) => {
  const frames = begun(5, 2);
  expect(frames.take(frame({ run: 2, set: { bytes_done: 8 }, ...body }))).toBe(taken);
  const isApplied = taken === "next" || taken === "begun";
  expect(frames.state.bytes_done).toBe(isApplied ? 8 : 0);
});

it("resets what a snapshot does not mention, but keeps what a frame does not mention", () => {
  const frames = begun();
  frames.take(frame({ seq: 2, set: { bytes_done: 2 } }));
  expect(frames.state.reference).toBe("owner/env:1");
  frames.take(snapshot({ seq: 3, set: { bytes_done: 3 } }));
  expect(frames.state.reference).toBe("");
});
