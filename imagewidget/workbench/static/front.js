// Tells the kernel when everything that was typed so far is on its way to it.
export default {
  initialize({ model }) {
    model.on("msg:custom", ({ type, turn }) => {
      if (type === "settle") model.send({ type: "settled", turn });
    });
    model.send({ type: "hello" });
  },
  render({ el }) {
    el.dataset.ready = "true"; // for tests: from here on a start waits for what was typed
  },
};
