// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { h } from "../../src/kit/dom";
import { isFocusFree, keepFocus, ownKeys, restoreFocus } from "../../src/kit/focus";

afterEach(() => document.body.replaceChildren());

function panel(): { root: HTMLElement; cancel: HTMLElement; search: HTMLElement } {
  const cancel = h("button", {}, "Cancel");
  const search = h("input", { "aria-label": "Search the log" });
  const root = h("div", {}, cancel, search);
  document.body.append(root);
  return { root, cancel, search };
}

it("focuses the element of the same name in a panel that is created again", () => {
  const memory = { focused: "" };
  const { root, search } = panel();
  keepFocus(root, memory);
  search.focus();
  expect(memory.focused).toBe("Search the log");
  root.remove();
  const second = panel();
  restoreFocus(second.root, memory);
  expect(document.activeElement).toBe(second.search);
});

it("forgets the focused element when the reader goes elsewhere", () => {
  const memory = { focused: "" };
  const { root, cancel } = panel();
  keepFocus(root, memory);
  cancel.focus();
  expect(memory.focused).toBe("Cancel");
  cancel.blur();
  expect(memory.focused).toBe("");
});

it("does not take the focus from another element", () => {
  const other = h("button", {}, "Run");
  document.body.append(other);
  other.focus();
  expect(isFocusFree()).toBe(false);
  restoreFocus(panel().root, { focused: "Cancel" });
  expect(document.activeElement).toBe(other);
});

describe("keys", () => {
  const button = h("button");
  const input = h("input");
  const outside = h("button");
  const root = h("div", {}, button, input);
  let stop = () => {};

  beforeEach(() => {
    document.body.append(root, outside);
    stop = ownKeys(root);
  });

  afterEach(() => stop());

  /** Returns whether Jupyter is told to ignore a key. */
  function isOurs(target: HTMLElement, init: KeyboardEventInit): boolean {
    target.removeAttribute("data-lm-suppress-shortcuts");
    target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, ...init }));
    return target.hasAttribute("data-lm-suppress-shortcuts");
  }

  it.each<[string, HTMLElement, KeyboardEventInit, boolean]>([
    ["x on a button", button, { key: "x" }, true],
    ["Ctrl+S on a button", button, { key: "s", ctrlKey: true }, false],
    ["Cmd+S on a button", button, { key: "s", metaKey: true }, false],
    ["Ctrl+A in an input", input, { key: "a", ctrlKey: true }, true],
    ["x elsewhere in the notebook", outside, { key: "x" }, false],
  ])("keeps its own keys and leaves the others to Jupyter: %s", (_, target, init, ours) => {
    expect(isOurs(target, init)).toBe(ours);
  });

  it("leaves all keys to Jupyter once it is stopped", () => {
    stop();
    expect(isOurs(button, { key: "x" })).toBe(false);
  });
});
