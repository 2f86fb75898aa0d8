// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from "vitest";
import { whenInPage } from "../../src/page/places";

let found: HTMLElement[];
let stop: () => void;

const settled = () => new Promise((resolve) => setTimeout(resolve));

function place(id: string): HTMLElement {
  const el = document.createElement("div");
  el.dataset.imagewidget = id;
  return el;
}

beforeEach(() => {
  found = [];
  document.body.append(place("here"));
  stop = whenInPage("here", (el) => found.push(el));
});

afterEach(() => {
  stop();
  document.body.replaceChildren();
});

it("finds the places that are in the page, and those that come, deep inside others too", async () => {
  expect(found).toHaveLength(1);
  const around = document.createElement("section");
  around.append(place("here"), place("elsewhere"));
  document.body.append(around);
  await settled();
  expect(found).toEqual([document.body.firstChild, around.firstChild]);
});

it("finds a place again that was out of the page, and none that is gone already", async () => {
  const first = found[0] as HTMLElement;
  first.remove();
  await settled();
  document.body.append(first, place("here"));
  document.body.lastElementChild?.remove();
  await settled();
  expect(found).toEqual([first, first]);
});

it("goes on finding the places of an id that was looked for again before the end", async () => {
  const again: HTMLElement[] = [];
  const last = whenInPage("here", (el) => again.push(el));
  stop();
  document.body.append(place("here"));
  await settled();
  last();
  expect(again).toEqual([...document.body.children]);
});

it("finds nothing after its end", async () => {
  stop();
  document.body.append(place("here"));
  await settled();
  expect(found).toHaveLength(1);
});
