// @vitest-environment happy-dom
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Downloads } from "../../../src/store/log/download";
import type { Request } from "../../../src/wire";

let sent: Extract<Request, { type: "download" }>[];
let downloads: Downloads;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  downloads = new Downloads((request) => {
    if (request.type === "download") sent.push(request);
  });
});

afterEach(() => vi.useRealTimers());

function answer(part: number, data: Uint8Array, last: boolean, id = sent[0]?.id ?? -1): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  downloads.received({ v: 1, type: "download", run: 1, id, part, last }, view);
}

it("joins the parts, in order and each once", async () => {
  const whole = new Uint8Array(gzipSync("line 1\nline 2 ✓\n"));
  const fetched = downloads.fetch();
  answer(0, whole.slice(0, 9), false);
  answer(0, whole.slice(0, 9), false);
  vi.advanceTimersByTime(400);
  answer(1, whole.slice(9), true);
  vi.useRealTimers();
  expect(await (await fetched).text()).toBe("line 1\nline 2 ✓\n");
  expect(sent.map(({ part }) => part)).toEqual([0, 1]);
});

it("rejects when the kernel does not respond", async () => {
  const fetched = downloads.fetch();
  const rejected = expect(fetched).rejects.toThrow("does not respond");
  vi.advanceTimersByTime(8100);
  await rejected;
});

it("ignores parts of an unknown download", () => {
  void downloads.fetch();
  answer(0, new Uint8Array([1]), false, (sent[0]?.id ?? 0) + 1);
  vi.advanceTimersByTime(400);
  expect(sent).toHaveLength(1);
});
