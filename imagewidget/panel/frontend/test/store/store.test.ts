// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Log } from "../../src/store/log/log";
import { Store } from "../../src/store/store";
import { FakeModel, frame, snapshot } from "../helpers";

let model: FakeModel;
let store: Store;

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  store = new Store(model);
});

afterEach(() => {
  store.dispose();
  vi.useRealTimers();
});

const begin = (set = {}) => model.receive(snapshot({ set: { phase: "pulling", ...set } }));

it("sends hello first, because earlier messages are lost", () => {
  expect(model.kinds()).toEqual(["hello"]);
});

it("applies frames in order", () => {
  begin({ bytes_done: 1 });
  model.receive(frame({ seq: 2, set: { bytes_done: 2 } }));
  model.receive(frame({ seq: 3, set: { bytes_done: 3 } }));
  model.receive(frame({ seq: 2, set: { bytes_done: 2 } }));
  expect(store.state.bytes_done).toBe(3);
  expect(model.kinds()).toEqual(["hello"]);
});

it("asks for a snapshot when a frame was missed, and only once a second", () => {
  begin({ bytes_done: 1 });
  model.receive(frame({ seq: 3, set: { bytes_done: 3 } }));
  model.receive(frame({ seq: 4, set: { bytes_done: 4 } }));
  expect(store.state.bytes_done).toBe(1);
  expect(model.kinds()).toEqual(["hello", "hello"]);
  model.receive(snapshot({ seq: 4, set: { phase: "pulling", bytes_done: 4 } }));
  model.receive(frame({ seq: 5, set: { bytes_done: 5 } }));
  expect(store.state.bytes_done).toBe(5);
});

it("keeps the log lines of a frame that comes after a gap", () => {
  begin();
  model.receive(frame({ seq: 9, lines: [[0, "a line"]] }));
  expect(Log.of(store).lines.get(0)?.[1]).toBe("a line");
});

it("ignores late messages of an older run", () => {
  model.receive(snapshot({ run: 2, seq: 1, set: { phase: "building" } }));
  model.receive(frame({ run: 1, seq: 2, set: { phase: "failed" } }));
  expect(store.state.phase).toBe("building");
});

it("clears the log when a new run begins", () => {
  model.receive(snapshot({ lines: [[0, "old"]], set: { phase: "failed", log_length: 1 } }));
  model.receive(snapshot({ run: 2, seq: 1, set: { phase: "pulling" } }));
  expect(Log.of(store).lines.get(0)).toBeUndefined();
  expect(Log.of(store).lines.length).toBe(0);
});

it("calls back once any state of the job is known", () => {
  let begun = 0;
  store.whenKnown(() => (begun += 1));
  vi.advanceTimersByTime(20);
  expect(begun).toBe(0);
  begin();
  vi.advanceTimersByTime(20);
  begin();
  vi.advanceTimersByTime(20);
  expect(begun).toBe(1);
});

it("notices when its comm is lost and restored", async () => {
  const own = { comm_live: true };
  model.widget_manager = { get_model: async () => own };
  for (const alive of [false, true]) {
    own.comm_live = alive;
    model.trigger("comm_live_update");
    await vi.advanceTimersByTimeAsync(0);
    expect(store.link).toBe(alive ? "live" : "gone");
  }
  expect(model.kinds()).toEqual(["hello", "hello"]);
});

it("takes a model that the front end has forgotten for lost", async () => {
  model.widget_manager = { get_model: () => Promise.reject(new Error("no such model")) };
  model.trigger("comm_live_update");
  await vi.advanceTimersByTimeAsync(0);
  expect(store.link).toBe("gone");
});

it("reports after three seconds that Cancel is unheard, until it takes effect", () => {
  begin();
  store.cancel();
  expect(model.kinds().at(-1)).toBe("cancel");
  vi.advanceTimersByTime(2900);
  expect(store.asking.cancel.isUnheard).toBe(false);
  vi.advanceTimersByTime(200);
  expect(store.asking.cancel.isUnheard).toBe(true);
  model.receive(frame({ seq: 2, set: { phase: "cancelling" } }));
  expect(store.asking.cancel.isUnheard).toBe(false);
});

it("does not restart the wait when Cancel is pressed again", () => {
  begin();
  store.cancel();
  vi.advanceTimersByTime(3100);
  store.cancel();
  expect(store.asking.cancel.isUnheard).toBe(true);
});

it("waits for Retry until the new run begins, even if that run has already failed", () => {
  begin({ phase: "failed" });
  store.retry();
  expect(store.asking.retry.isWaiting).toBe(true);
  model.receive(snapshot({ run: 2, seq: 1, set: { phase: "pulling" } }));
  model.receive(frame({ run: 2, seq: 2, set: { phase: "failed" } }));
  expect(store.asking.retry.isWaiting).toBe(false);
});

const retries = () => model.sent.filter(({ type }) => type === "retry");

it("asks once more when Retry is unheard, and then offers it again", () => {
  begin({ phase: "failed" });
  store.retry();
  vi.advanceTimersByTime(4000);
  expect(retries()).toEqual(Array(2).fill({ v: 1, type: "retry", run: 1 }));
  expect(store.asking.retry.isWaiting).toBe(true);
  vi.advanceTimersByTime(4000);
  expect(store.asking.retry.isWaiting).toBe(false);
  vi.advanceTimersByTime(20_000);
  expect(retries()).toHaveLength(2);
  store.retry();
  expect(retries()).toHaveLength(3);
});

it("does not ask for a retry after it is disposed of", () => {
  begin({ phase: "failed" });
  store.retry();
  store.dispose();
  vi.advanceTimersByTime(20_000);
  expect(retries()).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

it("is still when the job is over or the kernel silent, until the kernel sends a message", () => {
  begin();
  expect(store.isStill).toBe(false);
  vi.advanceTimersByTime(10_100);
  expect(store.isStill).toBe(true);
  model.receive(frame({ seq: 2 }));
  expect(store.isStill).toBe(false);
  store.setAlive(false);
  expect(store.isStill).toBe(true);
});

it("asks a quiet kernel again, and calls it silent after ten seconds", () => {
  begin();
  vi.advanceTimersByTime(5100);
  expect(model.kinds()).toEqual(["hello", "hello"]);
  expect(store.link).toBe("live");
  vi.advanceTimersByTime(5000);
  expect(store.link).toBe("silent");
  model.receive(frame({ seq: 2 }));
  expect(store.link).toBe("live");
});

it("repeats an unheard request, for this run only", () => {
  begin();
  store.cancel();
  vi.advanceTimersByTime(2100);
  expect(model.sent.slice(-2)).toEqual([
    { v: 1, type: "cancel", run: 1 },
    { v: 1, type: "cancel", run: 1 },
  ]);
  vi.advanceTimersByTime(1000);
  expect(store.asking.cancel.isUnheard).toBe(true);
});

it("expects no more messages of a job that has ended", () => {
  model.receive(snapshot({ set: { phase: "done" } }));
  vi.advanceTimersByTime(60_000);
  expect(store.link).toBe("live");
  expect(model.kinds()).toEqual(["hello"]);
});

it("treats the kernel as gone when sending to it fails", () => {
  begin();
  model.send = () => {
    throw new Error("Comm is disposed");
  };
  store.retry();
  expect(store.link).toBe("gone");
  expect(store.isOver).toBe(true);
});

it("draws once per animation frame, however many messages came", () => {
  let draws = 0;
  store.subscribe(() => draws++);
  begin();
  for (let seq = 2; seq < 50; seq++) model.receive(frame({ seq }));
  vi.advanceTimersByTime(20);
  expect(draws).toBe(1);
});
