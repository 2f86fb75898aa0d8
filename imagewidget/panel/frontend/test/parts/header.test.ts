// @vitest-environment happy-dom
// The header: progress, speed, time, and the result.
import { expect, it } from "vitest";
import { Header } from "../../src/parts/header";
import { type FakeModel, IMAGE, openStore, plain, step, tried } from "../helpers";

it("shows progress, speed and time", () => {
  const header = new Header(
    openStore({
      fraction: 0.25,
      bytes_done: 1_000_000,
      bytes_total: 4_000_000,
      total_is_final: true,
      speed: 500_000,
      eta: 6,
      elapsed: 2,
    }),
  );
  header.update();
  const figures = [...header.el.querySelectorAll(".iw-facts li")].map(plain);
  expect(figures).toEqual(["1.00 / 4.00 MB", "500 kB/s", "6 s left", "2.0 s elapsed"]);
  expect(plain(header.el.querySelector(".iw-percent"))).toBe("25 %");
});

it("leaves out the bytes of a build once all of them are transferred", () => {
  const store = openStore({
    steps: [step()],
    bytes_done: 64,
    bytes_total: 64,
    total_is_final: true,
  });
  const header = new Header(store);
  header.update();
  expect(header.el.querySelector("[data-fact=bytes]")).toBeNull();
  store.state.bytes_done = 32;
  header.update();
  expect(plain(header.el.querySelector("[data-fact=bytes]"))).toBe("32 / 64 B");
});

it("asks the kernel to cancel when clicked, and explains a long wait", () => {
  const store = openStore({});
  const header = new Header(store);
  header.update();
  const cancel = header.el.querySelector<HTMLButtonElement>("button");
  expect(plain(cancel)).toContain("Cancel");
  cancel?.click();
  header.update();
  expect((store.model as FakeModel).kinds().at(-1)).toBe("cancel");
  expect(plain(cancel)).toContain("Cancelling");
  for (let second = 0; second < 3; second++) store.asking.cancel.tick();
  header.update();
  expect(header.el.querySelector<HTMLElement>(".iw-note")?.hidden).toBe(false);
});

it("shows the resulting image", () => {
  const header = new Header(openStore({ phase: "done", image: IMAGE, elapsed: 65 }));
  header.update();
  const shown = [...header.el.querySelectorAll<HTMLElement>(".iw-result > div")]
    .filter(({ hidden }) => !hidden)
    .map((row) => plain(row.querySelector("bdi")));
  expect(shown).toEqual(["abababababab", "45.6 MB", "1 m 05 s", "ghcr.io"]);
});

it("shows only that it is waiting before the first message", () => {
  const store = openStore({ phase: "queued", reference: "" });
  store.frames.run = 0;
  const header = new Header(store);
  header.update();
  expect(plain(header.el.querySelector(".iw-reference"))).toBe("Connecting");
  expect(plain(header.el.querySelector(".iw-chip"))).toBe("Waiting for the kernel");
  expect(header.el.querySelector<HTMLElement>("button")?.hidden).toBe(true);
});

it('shows "built locally" only after the build, and counts only the steps that succeeded', () => {
  const steps = [step(), step({ status: "cached" }), step({ status: "failed" })];
  const store = openStore({ operation: "build", phase: "failed", source: "build", steps });
  const header = new Header(store);
  header.update();
  expect(plain(header.el.querySelector(".iw-source"))).toBe("");
  expect(plain(header.el.querySelector("[data-fact=steps]"))).toBe("2 of 3 steps");
  store.frames.state = { ...store.state, phase: "done", image: { ...IMAGE, source: "build" } };
  header.update();
  expect(plain(header.el.querySelector(".iw-source"))).toBe("· built locally");
});

it("counts attempts only while the job runs", () => {
  const store = openStore({ attempts: tried("500") });
  const header = new Header(store);
  const attempt = () => {
    header.update();
    return plain(header.el.querySelector("[data-fact=attempt]"));
  };
  expect(attempt()).toBe("attempt 1 of 3");
  store.state.phase = "failed";
  expect(attempt()).toBeUndefined();
});
