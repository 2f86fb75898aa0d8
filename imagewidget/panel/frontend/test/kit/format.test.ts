import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  bytes,
  count,
  duration,
  left,
  percent,
  plural,
  progress,
  shortId,
  speed,
} from "../../src/kit/format";

const plain = (text: string) => text.replaceAll("\u00a0", " ").replaceAll("\u202f", " ");

const figures: Record<string, [never, string][]> = JSON.parse(
  readFileSync(new URL("../../../../../tests/fixtures/figures.json", import.meta.url), "utf8"),
);

// Uses the same figures as tests/unit/progress/text/test_figures.py.
describe.each([
  ["size", bytes],
  ["progress", (values: [number, number | null, boolean]) => progress(...values)],
  ["duration", duration],
  ["left", left],
  ["percent", percent],
  ["count", count],
] as [string, (value: never) => string][])("a figure: %s", (name, format) => {
  it.each(figures[name] ?? [])("of %j is %s", (value, text) =>
    expect(plain(format(value))).toBe(text),
  );
});

it("formats counts, speeds and ids", () => {
  expect(plural(1, "layer")).toBe("1 layer");
  expect(plural(12, "layer")).toBe("12 layers");
  expect(plain(speed(2_500_000))).toBe("2.50 MB/s");
  expect(shortId(`sha256:${"ab".repeat(32)}`)).toBe("abababababab");
});
