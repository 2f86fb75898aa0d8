// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { Voice } from "../../src/parts/voice";
import { openStore } from "../helpers";

it("speaks once of every phase, and never of figures", () => {
  const store = openStore({ source: "ghcr.io" });
  const voice = new Voice(store);
  voice.update();
  expect(voice.el.textContent).toBe("Pulling owner/env:1 from ghcr.io");
  voice.el.textContent = "heard";
  store.state.bytes_done = 5;
  store.state.source = "docker.io";
  voice.update();
  expect(voice.el.textContent).toBe("heard");
  store.state.phase = "cancelled";
  voice.update();
  expect(voice.el.textContent).toBe("Cancelled owner/env:1");
});

it("speaks again of the same phase in another run", () => {
  const store = openStore();
  const voice = new Voice(store);
  voice.update();
  voice.el.textContent = "heard";
  store.frames.run = 2;
  voice.update();
  expect(voice.el.textContent).toBe("Pulling owner/env:1");
});

it("says that the kernel is gone, and nothing before anything is known", () => {
  const store = openStore();
  const voice = new Voice(store);
  store.frames.run = 0;
  voice.update();
  expect(voice.el.textContent).toBe("");
  store.frames.run = 1;
  store.setAlive(false);
  voice.update();
  expect(voice.el.textContent).toBe("Interrupted");
});
