import { expect, it } from "vitest";
import { lightness } from "../../src/kit/theme";

it.each([
  ["rgb(255, 255, 255)", 1],
  ["rgb(0, 0, 0)", 0],
  ["color(srgb 1 1 1)", 1],
  ["oklch(0.9 0.1 250)", 0.9],
  ["rgba(0, 0, 0, 0)", null],
  ["transparent", null],
])("computes the lightness of %s", (colour, value) => {
  const found = lightness(colour);
  if (value === null) expect(found).toBeNull();
  else expect(found).toBeCloseTo(value);
});
