// @vitest-environment happy-dom
import { afterEach, expect, it } from "vitest";
import { h } from "../../src/kit/dom";
import { isFocusFree, keepFocus } from "../../src/kit/focus";

afterEach(() => document.body.replaceChildren());

function panel(): { root: HTMLElement; cancel: HTMLElement; search: HTMLElement } {
  const cancel = h("button", {}, "Cancel");
  const search = h("input", { "aria-label": "Search the log" });
  const root = h("div", {}, cancel, search);
  document.body.append(root);
  return { root, cancel, search };
}

it("gives the focus to what has the same name in a panel that is made anew", () => {
  const memory = { focused: "" };
  const { root, search } = panel();
  keepFocus(root, memory);
  search.focus();
  expect(memory.focused).toBe("Search the log");
  root.remove();
  const second = panel();
  keepFocus(second.root, memory);
  expect(document.activeElement).toBe(second.search);
});

it("forgets it when the reader goes elsewhere", () => {
  const memory = { focused: "" };
  const { root, cancel } = panel();
  keepFocus(root, memory);
  cancel.focus();
  expect(memory.focused).toBe("Cancel");
  cancel.blur();
  expect(memory.focused).toBe("");
});

it("takes the focus from nobody", () => {
  const other = h("button", {}, "Run");
  document.body.append(other);
  other.focus();
  expect(isFocusFree()).toBe(false);
  keepFocus(panel().root, { focused: "Cancel" });
  expect(document.activeElement).toBe(other);
});
