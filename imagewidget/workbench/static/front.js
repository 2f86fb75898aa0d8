// Shows the workbench in the HTML of its cell, and tells the kernel when everything typed so far has
// been sent.

const PLACE = "data-imagewidget"; // of the workbench
const JOBS = "data-imagewidget-jobs"; // of the HTML for readers without the workbench
const PATIENCE = 100; // attempts, 100 ms apart, to find the model of the box in a page that loads

/** Calls `found` for every element in the page that matches, now and later. Returns its end. */
function watch(selector, found) {
  const look = (root) => {
    for (const el of [root, ...root.querySelectorAll(selector)]) if (el.matches(selector)) found(el);
  };
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) if (node instanceof HTMLElement) look(node);
    }
  });
  observer.observe(document.body, { childList: true, subtree: true });
  look(document.body);
  return () => observer.disconnect();
}

async function modelOf(manager, id) {
  for (let attempt = 0; attempt < PATIENCE && !manager.has_model(id); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return manager.get_model(id);
}

/** Shows the box wherever its HTML is, and hides the HTML of its jobs there. */
function live(model) {
  const id = model.get("_box");
  const manager = model.widget_manager;
  const seen = new WeakSet();
  return watch(`[${PLACE}="${id}"], [${JOBS}="${id}"]`, async (place) => {
    if (seen.has(place)) return;
    seen.add(place);
    const box = await modelOf(manager, id);
    if (!box.comm_live) return; // from a file: there is no kernel
    if (place.hasAttribute(JOBS)) {
      place.hidden = true;
      return;
    }
    const { luminoWidget } = await manager.create_view(box);
    place.replaceChildren();
    luminoWidget.constructor.attach(luminoWidget, place);
  });
}

export default {
  initialize({ model }) {
    let leave = () => {};
    const begin = () => {
      leave();
      if (model.get("_box")) leave = live(model);
    };
    model.on("change:_box", begin);
    begin();
    model.on("msg:custom", ({ type, turn }) => {
      if (type === "settle") model.send({ type: "settled", turn });
    });
    model.send({ type: "hello" });
    return () => leave();
  },
  render({ el }) {
    el.dataset.ready = "true"; // for tests: from now on, starting a job waits for the pending input
    // The keys that choose from a list are also shortcuts of the notebook.
    const keep = ({ target }) => {
      if (target.matches?.(".iw-wb select")) target.dataset.lmSuppressShortcuts = "true";
    };
    document.addEventListener("focusin", keep);
    return () => document.removeEventListener("focusin", keep);
  },
};
