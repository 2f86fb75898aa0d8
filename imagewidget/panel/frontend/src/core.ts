// The core of the front end: one store per model, one view per place in the page that shows it.
import { whenInPage } from "./page/places";
import type { Model } from "./store/model";
import { hasDetails, Store } from "./store/store";
import { Views } from "./views";

export interface Started {
  /** Shows the panel in the element of a widget view. Returns what the view calls at its end. */
  render(el: HTMLElement): () => void;
}

export type Start = typeof start;

/** Starts a panel, until `signal` is aborted. */
export function start(model: Model, signal: AbortSignal): Started {
  const store = new Store(model);
  const views = new Views(store);
  let leave = () => {};
  // Not before the kernel has answered, and sent the parts that show its answer: until then, the HTML
  // that is there shows more.
  store.whenKnown(async () => {
    if (hasDetails(store.state)) await store.load("details");
    if (signal.aborted) return;
    leave = whenInPage(String(model.get("_mount")), (place) => views.mount(place));
  });
  const end = () => {
    leave();
    views.dispose();
    store.dispose();
  };
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
  return {
    render(el) {
      views.show(el);
      return () => views.release(el);
    },
  };
}
