// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { Voice } from "../../src/parts/voice";
import { openStore } from "../helpers";

it("announces every phase once, and never figures", () => {
  const store = openStore({ source: "ghcr.io" });
  const voice = new Voice(store);
  voice.update();
  expect(voice.el.textContent).toBe("Pulling owner/env:1 from ghcr.io");
  voice.el.textContent = "unchanged";
  store.state.bytes_done = 5;
  store.state.source = "docker.io";
  voice.update();
  expect(voice.el.textContent).toBe("unchanged");
  store.state.phase = "cancelled";
  voice.update();
  expect(voice.el.textContent).toBe("Cancelled owner/env:1");
});

it("announces the same phase again in another run", () => {
  const store = openStore();
  const voice = new Voice(store);
  voice.update();
  voice.el.textContent = "unchanged";
  store.frames.run = 2;
  voice.update();
  expect(voice.el.textContent).toBe("Pulling owner/env:1");
});

it("announces a lost kernel, and nothing before the first message", () => {
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
