// The classes and the layout that a user gave the widget. A front end applies them to its own views.
import type { Model } from "./model";

interface Layout {
  attributes?: Record<string, unknown>;
  on?(event: "change", changed: () => void): void;
  off?(event: "change", changed: () => void): void;
}

/** Applies the look of the widget to an element, now and whenever it changes. Returns its end. */
export function applyAppearance(model: Model, el: HTMLElement): () => void {
  let layout: Layout | undefined; // a panel has none until the user sets something
  let classes: string[] = [];
  const apply = (): void => {
    el.classList.remove(...classes);
    classes = (model.get("_dom_classes") as string[] | undefined) ?? [];
    el.classList.add(...classes);
    for (const [name, value] of Object.entries(layout?.attributes ?? {})) {
      if (name.startsWith("_")) continue;
      el.style.setProperty(name.replaceAll("_", "-"), typeof value === "string" ? value : "");
    }
  };
  const begin = (): void => {
    layout?.off?.("change", apply);
    layout = (model.get("layout") as Layout | null | undefined) ?? undefined;
    layout?.on?.("change", apply);
    apply();
  };
  begin();
  model.on("change:_dom_classes", apply);
  model.on("change:layout", begin);
  return () => {
    model.off("change:_dom_classes", apply);
    model.off("change:layout", begin);
    layout?.off?.("change", apply);
    el.classList.remove(...classes);
  };
}
