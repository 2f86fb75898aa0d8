// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { h, Rows, setAttribute } from "../src/dom";

interface Item {
  id: string;
  text: string;
}

function listOf() {
  const parent = h("ul");
  const gone: string[] = [];
  const rows = new Rows<Item>(parent, ({ id }) => {
    const el = h("li", { "data-id": id });
    return {
      el,
      update: ({ text }) => el.replaceChildren(text),
      dispose: () => gone.push(id),
    };
  });
  const update = (...items: Item[]) => rows.update(items, (item) => item.id);
  return { parent, gone, update };
}

const item = (id: string, text = id): Item => ({ id, text });

it("keeps the element of a row that stays", () => {
  const { parent, update } = listOf();
  update(item("a"), item("b"));
  const [first] = parent.children;
  update(item("a", "changed"), item("b"));
  expect(parent.children[0]).toBe(first);
  expect(first?.textContent).toBe("changed");
});

it("puts rows in the order of the list and drops the others", () => {
  const { parent, gone, update } = listOf();
  update(item("a"), item("b"), item("c"));
  update(item("c"), item("d"), item("a"));
  expect(parent.textContent).toBe("cda");
  expect(gone).toEqual(["b"]);
});

it("makes elements whose text is text", () => {
  const element = h("p.iw-hint.iw-quiet", { id: "x", hidden: false }, "<b>", null);
  expect(element.outerHTML).toBe('<p class="iw-hint iw-quiet" id="x">&lt;b&gt;</p>');
});

it.each([null, undefined, false])("takes away an attribute that is %j", (value) => {
  const element = h("p", { title: "x" });
  setAttribute(element, "title", value);
  expect(element.hasAttribute("title")).toBe(false);
});
