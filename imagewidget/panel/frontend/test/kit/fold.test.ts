// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { Fold } from "../../src/kit/fold";

it("remembers what the reader closed, for a view that is created again", () => {
  const memory = new Map<string, boolean>();
  const fold = new Fold("Log", memory);
  fold.el.querySelector("button")?.click();
  expect(fold.body.hidden).toBe(true);
  expect(new Fold("Log", memory).isOpen).toBe(false);
});
