// @vitest-environment happy-dom
// When a panel covers the HTML of its cell.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { start } from "../src/core";
import * as details from "../src/details";
import * as modules from "../src/store/modules";
import { FakeModel, snapshot } from "./helpers";

let model: FakeModel;
let end: AbortController;
let place: HTMLElement;
let arrive: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  end = new AbortController();
  place = document.createElement("div");
  place.dataset.imagewidget = "the-place";
  place.textContent = "the HTML";
  document.body.append(place);
  const coming = new Promise((resolve) => (arrive = () => resolve(details)));
  vi.spyOn(modules, "need").mockReturnValue(coming as never);
});

afterEach(() => {
  end.abort();
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const pass = () => vi.advanceTimersByTimeAsync(20);

it("covers the HTML when the kernel has answered", async () => {
  start(model, end.signal);
  await pass();
  expect(place.textContent).toBe("the HTML");
  model.receive(snapshot({ set: { phase: "pulling", log_length: 1 } }));
  await pass();
  expect(place.querySelector(".iw")).not.toBeNull();
});

it("leaves the HTML until the parts have come that show the answer", async () => {
  start(model, end.signal);
  model.receive(snapshot({ set: { phase: "failed" } }));
  await pass();
  expect(place.textContent).toBe("the HTML");
  arrive();
  await pass();
  expect(place.querySelector(".iw-error")).not.toBeNull();
  end.abort();
  expect(place.textContent).toBe("the HTML");
});

it("covers nothing after its end", async () => {
  start(model, end.signal);
  model.receive(snapshot({ set: { phase: "failed" } }));
  await pass();
  end.abort();
  arrive();
  await pass();
  expect(place.textContent).toBe("the HTML");
});
