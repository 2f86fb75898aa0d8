import { expect, it } from "vitest";
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
} from "../src/format";

const plain = (text: string) => text.replaceAll("\u00a0", " ").replaceAll("\u202f", " ");

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [12_345, "12.3 kB"],
  [999_499, "999 kB"],
  [999_500, "1.00 MB"],
  [45_600_000, "45.6 MB"],
  [3e15, "3000 TB"],
])("gives %d bytes three digits that count", (value, text) =>
  expect(plain(bytes(value))).toBe(text),
);

it.each([
  [1_230_000, 4_560_000, true, "1.23 / 4.56 MB"],
  [1230, 4_560_000, true, "1.23 kB / 4.56 MB"],
  [1_230_000, 4_560_000, false, "1.23 MB / ≥ 4.56 MB"],
  [1230, null, true, "1.23 kB"],
  [1230, 0, true, "1.23 kB"],
])("says %d of %s as far as the total is known", (current, total, isFinal, text) =>
  expect(plain(progress(current, total, isFinal))).toBe(text),
);

it.each([
  [0.04, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.6, "1 m 00 s"],
  [65, "1 m 05 s"],
  [7380, "2 h 03 m"],
])("gives %d seconds as a person says them", (value, text) =>
  expect(plain(duration(value))).toBe(text),
);

it.each([
  [0.4, "almost done"],
  [4.2, "5 s left"],
  [61, "2 min left"],
  [5400, "1.5 h left"],
])("guesses that %d seconds are left", (value, text) => expect(plain(left(value))).toBe(text));

it.each([
  [0, "0 %"],
  [0.999, "99 %"],
  [1, "100 %"],
])("says 100 %% only when all is there: %d", (value, text) =>
  expect(plain(percent(value))).toBe(text),
);

it("groups and counts", () => {
  expect(plain(count(1_234_567))).toBe("1 234 567");
  expect(plural(1, "layer")).toBe("1 layer");
  expect(plural(12, "layer")).toBe("12 layers");
  expect(plain(speed(2_500_000))).toBe("2.50 MB/s");
  expect(shortId(`sha256:${"ab".repeat(32)}`)).toBe("abababababab");
});
