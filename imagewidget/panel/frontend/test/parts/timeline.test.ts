import { expect, it } from "vitest";
import { timeOf } from "../../src/parts/timeline";
import { step } from "../helpers";

it("spans all steps that have started", () => {
  expect(timeOf([])).toEqual({ start: 0, length: 1 });
  const steps = [step({ started: 2, duration: 1 }), step({ started: 4, duration: 6 })];
  expect(timeOf(steps)).toEqual({ start: 2, length: 8 });
});
