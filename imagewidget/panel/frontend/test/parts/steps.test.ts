// @vitest-environment happy-dom
// The steps of a build.
import { expect, it } from "vitest";
import { Steps } from "../../src/parts/steps";
import { openStore, plain, step } from "../helpers";

it("keeps the status of a finished step for screen readers", () => {
  const list = new Steps(openStore({ operation: "build", steps: [step()] }));
  list.update();
  const badge = list.el.querySelector<HTMLElement>(".iw-badge");
  expect(plain(badge)).toBe("done");
  expect(badge?.hidden).toBe(false);
  list.dispose();
});

it("shows the steps with their numbers, and counts them by status", () => {
  const steps = [
    step({ status: "cached" }),
    step({ id: "2", stage: "web", number: 2, name: "RUN <script>", status: "running" }),
  ];
  const list = new Steps(openStore({ operation: "build", phase: "building", steps }));
  list.update();
  expect(plain(list.el.querySelector(".iw-fold-note"))).toBe("1 of 2 · 1 cached");
  expect([...list.el.querySelectorAll(".iw-step-name")].map(plain)).toContain("RUN <script>");
  expect([...list.el.querySelectorAll(".iw-step-label")].map(plain)).toEqual([" 1/2", "web 2/2"]);
  expect(list.el.querySelector("script")).toBeNull();
  list.dispose();
});
