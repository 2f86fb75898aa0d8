// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { applyAppearance } from "../../src/store/appearance";
import { FakeModel } from "../helpers";

class Layout extends FakeModel {
  attributes: Record<string, unknown> = { _model_name: "LayoutModel", width: "300px", flex: null };
}

it("follows the classes and the layout of the widget, until its end", () => {
  const model = new FakeModel();
  const layout = new Layout();
  model.values = { layout, _dom_classes: ["mine"] };
  const el = document.createElement("div");
  el.className = "iw-host";
  const end = applyAppearance(model, el);
  expect(el.className).toBe("iw-host mine");
  expect(el.style.cssText.trim()).toBe("width: 300px;");
  model.values = { layout, _dom_classes: ["other"] };
  model.trigger("change:_dom_classes");
  layout.attributes = { width: null, border_top: "1px solid red" };
  layout.trigger("change");
  expect(el.className).toBe("iw-host other");
  expect(el.style.width).toBe("");
  expect(el.style.borderTop).toBe("1px solid red");
  end();
  model.values = { layout, _dom_classes: ["late"] };
  model.trigger("change:_dom_classes");
  expect(el.className).toBe("iw-host");
});

it("follows a layout that comes later", () => {
  const model = new FakeModel();
  const el = document.createElement("div");
  const end = applyAppearance(model, el);
  const layout = new Layout();
  model.values = { layout };
  model.trigger("change:layout");
  expect(el.style.width).toBe("300px");
  layout.attributes = { width: "400px" };
  layout.trigger("change");
  expect(el.style.width).toBe("400px");
  end();
  layout.attributes = { width: "500px" };
  layout.trigger("change");
  expect(el.style.width).toBe("400px");
});
