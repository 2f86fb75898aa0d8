// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { h, prose, Rows, setAttribute, setStyle, show, uniqueId } from "../../src/kit/dom";

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

it("puts rows in the order of the list and removes the others", () => {
  const { parent, gone, update } = listOf();
  update(item("a"), item("b"), item("c"));
  update(item("c"), item("d"), item("a"));
  expect(parent.textContent).toBe("cda");
  expect(gone).toEqual(["b"]);
});

it("escapes markup in the text of an element", () => {
  const element = h("p.iw-hint.iw-quiet", { id: "x", hidden: false }, "<b>", null);
  expect(element.outerHTML).toBe('<p class="iw-hint iw-quiet" id="x">&lt;b&gt;</p>');
});

it.each([null, undefined, false])("removes an attribute that is %j", (value) => {
  const element = h("p", { title: "x" });
  setAttribute(element, "title", value);
  expect(element.hasAttribute("title")).toBe(false);
});

it("does not move the remaining rows when one before them is removed", () => {
  const { parent, update } = listOf();
  update(item("ready"), item("5"), item("6"), item("7"), item("waiting"));
  const moved: string[] = [];
  const insertBefore = parent.insertBefore.bind(parent);
  parent.insertBefore = (node, child) => {
    moved.push((node as unknown as HTMLElement).dataset.id ?? "");
    return insertBefore(node, child);
  };
  update(item("ready"), item("6"), item("7"), item("8"), item("waiting"));
  expect(parent.textContent).toBe("ready678waiting");
  expect(moved).toEqual(["8"]);
});

it("moves the focus to the panel when the focused element is hidden or removed", () => {
  const button = h("button");
  const panel = h("div.iw", { tabindex: -1 }, button);
  document.body.append(panel);
  button.focus();
  show(button, false);
  expect(document.activeElement).toBe(panel);
  const row = h("li", { tabindex: 0 });
  const list = h("ul");
  panel.append(list);
  const rows = new Rows<string>(list, () => ({ el: row, update: () => {} }));
  rows.update(["a"], (name) => name);
  row.focus();
  rows.update([], (name) => name);
  expect(document.activeElement).toBe(panel);
  panel.remove();
});

it("leaves the focus alone when another element is hidden", () => {
  const [one, two] = [h("button"), h("button")];
  document.body.append(h("div.iw", { tabindex: -1 }, one, two));
  one.focus();
  show(two, false);
  expect(document.activeElement).toBe(one);
});

it("shows text between backticks as code, and everything else as plain text", () => {
  const p = h("p", {}, ...prose("Run `docker <login>`, then ` again"));
  expect(p.innerHTML).toBe("Run <code>docker &lt;login&gt;</code>, then ` again");
});

it("makes unique ids that begin with the given name", () => {
  const ids = Array.from({ length: 100 }, () => uniqueId("step"));
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^iw-step-[a-z0-9]+$/);
});

it("sets a style only when it changes", () => {
  const written: string[] = [];
  const style = {
    get height() {
      return written.at(-1) ?? "";
    },
    set height(value: string) {
      written.push(value);
    },
  };
  const element = { style } as HTMLElement;
  for (const height of ["3px", "3px", "4px"]) setStyle(element, "height", height);
  expect(written).toEqual(["3px", "4px"]);
});
