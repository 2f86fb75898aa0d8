import { expect, it } from "vitest";
import { ViewMemory } from "../../src/store/memory";

it("is empty at first, and shares nothing with that of another store", () => {
  const { folds, wraps, query, focused } = new ViewMemory();
  folds.set("Log", false);
  expect([wraps, query, focused]).toEqual([false, "", ""]);
  expect(new ViewMemory().folds.size).toBe(0);
});
