// The entry point that anywidget loads: one store per model, one view per place it is shown in.
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
      // JupyterLab re-renders a refreshed output and drops the old element without telling us; the
      // old view moves here, and keeps what the reader opened, searched for and scrolled to.
      const adrift = [...views].find((view) => view.isAdrift);
      adrift?.moveTo(el);
      const view = adrift ?? new View(el, store);
      views.add(view);
      return () => {
        if (!view.isIn(el)) return;
        views.delete(view);
        view.dispose();
      };
    },
  };
};
