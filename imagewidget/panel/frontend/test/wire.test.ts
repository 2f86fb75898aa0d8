// Uses the same messages as tests/unit/panel/test_wire.py.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyFrame, emptyState, envelope, type Frame, readMessage, type State } from "../src/wire";

const read = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../../tests/fixtures/wire/${name}.json`, import.meta.url), "utf8"),
  );

interface Moment {
  changes: Partial<Frame>;
  snapshot: Partial<Frame>;
}

const frame = (body: Partial<Frame>): Frame => ({ v: 1, type: "frame", run: 1, seq: 1, ...body });

describe.each(["pull", "build"])("the messages of a %s", (name) => {
  it("add up to the same state from frames as from each snapshot", () => {
    const byFrames: State = emptyState();
    for (const { changes, snapshot } of read(name) as Moment[]) {
      applyFrame(byFrames, frame(changes));
      expect(byFrames).toEqual(applyFrame(emptyState(), frame(snapshot)));
    }
  });
});

it("keeps what a frame does not mention", () => {
  const [first, second] = read("pull") as [Moment, Moment];
  const state = applyFrame(emptyState(), frame(first.changes));
  const untouched = state.layers[0];
  applyFrame(state, frame(second.changes));
  expect(state.layers[0]).toBe(untouched);
  expect(state.layers[1]).toMatchObject({ current: 400, total: 1000, speed: null });
  expect(state.reference).toBe("owner/env:1");
});

it("drops layers that no longer exist", () => {
  const state = emptyState();
  for (const { changes } of read("pull") as Moment[]) applyFrame(state, frame(changes));
  expect(state.layers).toEqual([]);
  expect(state.image?.source).toBe("ghcr.io");
});

it("writes requests in the form that the kernel reads", () => {
  const cases = read("requests") as { message: { v: number; type: string }; read_as: unknown }[];
  const known = cases.filter((one) => one.read_as !== null).map((one) => one.message);
  for (const { v, ...request } of known)
    expect(envelope(request as never)).toEqual({ v, ...request });
});

it("reads an answer with log lines", () => {
  expect(readMessage(read("lines"))).toMatchObject({ start: 7, stop: 12 });
});

it.each([null, 3, "x", {}, { v: 2, type: "frame", run: 1 }, { v: 1, type: "??", run: 1 }])(
  "ignores what is not a valid message: %j",
  (content) => expect(readMessage(content)).toBeNull(),
);
