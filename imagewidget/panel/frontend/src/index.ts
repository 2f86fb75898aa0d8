// What anywidget loads: one store for a model, one view for each place where it is shown.
import type { Model } from "./store/model";
import { Store } from "./store/store";
import { View } from "./view";
import "./css/panel.css";

interface Context {
  model: Model;
  el: HTMLElement;
}

export default () => {
  let store: Store | undefined;
  const views = new Set<View>();
  return {
    initialize({ model }: Pick<Context, "model">) {
      store = new Store(model);
      return () => store?.dispose();
    },
    render({ model, el }: Context) {
      store ??= new Store(model);
      // JupyterLab renders a refreshed output anew and lets the old place fall without a word:
      // what stood there goes on here, with all that a reader opened, sought and scrolled to.
      const known = [...views].find((view) => view.isAdrift);
      known?.moveTo(el);
      const view = known ?? new View(el, store);
      views.add(view);
      return () => {
        if (!view.standsIn(el)) return;
        views.delete(view);
        view.dispose();
      };
    },
  };
};
