// @vitest-environment happy-dom
import { afterEach, expect, it } from "vitest";
import { h } from "../../src/kit/dom";
import { Position } from "../../src/kit/position";

afterEach(() => document.body.replaceChildren());

function panel() {
  const list = h("div");
  const button = h("button");
  const root = h("div", {}, list, button);
  const position = new Position(root);
  document.body.append(root);
  return { list, button, root, position };
}

it("restores scroll positions and the focus after a move in the page", () => {
  const { list, button, root, position } = panel();
  list.scrollTop = 70;
  list.dispatchEvent(new Event("scroll"));
  button.focus();
  const restore = position.keep();
  root.remove();
  button.blur();
  list.scrollTop = 0; // as a browser does on removal
  document.body.append(root);
  restore();
  expect(list.scrollTop).toBe(70);
  expect(document.activeElement).toBe(button);
});

it("does not restore a focus that the reader moved, nor take it from another element", async () => {
  const { button, position } = panel();
  button.focus();
  const restore = position.keep();
  const other = h("button");
  document.body.append(other);
  other.focus();
  restore();
  expect(document.activeElement).toBe(other);
  await Promise.resolve();
  other.blur();
  position.keep()();
  expect(document.activeElement).toBe(document.body);
});

it("restores selected text after a move, unless something else was selected", () => {
  const { root, button, position } = panel();
  button.textContent = "some text";
  const text = button.firstChild as Text;
  const selection = document.getSelection() as Selection;
  selection.setBaseAndExtent(text, 0, text, 4);
  document.dispatchEvent(new Event("selectionchange"));
  const restore = position.keep();
  root.remove();
  selection.removeAllRanges();
  document.body.append(root);
  restore();
  expect(selection.toString()).toBe("some");
  selection.setBaseAndExtent(text, 5, text, 9);
  restore();
  expect(selection.toString()).toBe("text");
  position.dispose();
});
