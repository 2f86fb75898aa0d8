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
  },
};
