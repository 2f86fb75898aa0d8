// Tells the kernel when everything typed so far has been sent.
export default {
  initialize({ model }) {
    model.on("msg:custom", ({ type, turn }) => {
      if (type === "settle") model.send({ type: "settled", turn });
    });
    model.send({ type: "hello" });
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
