// @vitest-environment happy-dom
import { afterEach, expect, it } from "vitest";
import { h } from "../../src/kit/dom";
import { ownKeys } from "../../src/kit/keys";

const button = h("button");
const input = h("input");
const outside = h("button");
const root = h("div", {}, button, input);
document.body.append(root, outside);
let stop = ownKeys(root);

afterEach(() => {
  stop();
  stop = ownKeys(root);
});

/** Whether Jupyter is told to leave a key alone. */
function isOurs(target: HTMLElement, init: KeyboardEventInit): boolean {
  target.removeAttribute("data-lm-suppress-shortcuts");
  target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, ...init }));
  return target.hasAttribute("data-lm-suppress-shortcuts");
}

it.each<[string, HTMLElement, KeyboardEventInit, boolean]>([
  ["x on a button", button, { key: "x" }, true],
  ["Ctrl+S on a button", button, { key: "s", ctrlKey: true }, false],
  ["Cmd+S on a button", button, { key: "s", metaKey: true }, false],
  ["Ctrl+A where one types", input, { key: "a", ctrlKey: true }, true],
  ["x elsewhere in the notebook", outside, { key: "x" }, false],
])("keeps its keys and leaves Jupyter the others: %s", (_, target, init, ours) => {
  expect(isOurs(target, init)).toBe(ours);
});

it("leaves all keys alone once it is stopped", () => {
  stop();
  expect(isOurs(button, { key: "x" })).toBe(false);
});
