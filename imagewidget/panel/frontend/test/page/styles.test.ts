// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { applyStyles } from "../../src/page/styles";

it("adds a style sheet once to the page, and to a shadow root around the element", () => {
  const host = document.createElement("div");
  document.body.append(host);
  const inside = document.createElement("p");
  const root = host.attachShadow({ mode: "open" });
  root.append(inside);
  const before = document.adoptedStyleSheets.length;
  for (const el of [host, host, inside]) applyStyles("p { color: red }", el);
  applyStyles("p { color: green }", host);
  expect(document.adoptedStyleSheets).toHaveLength(before + 2);
  expect(root.adoptedStyleSheets).toHaveLength(1);
});
