// A password field whose text goes to the kernel as a message, and into no state.
export default {
  render({ model, el }) {
    const input = document.createElement("input");
    input.type = "password";
    input.className = "iw-wb-secret";
    input.autocomplete = "off";
    input.spellcheck = false;
    // A page that was loaded anew has an empty field, and the kernel may still hold the text.
    const hint = () => {
      input.placeholder = model.get("is_held") ? "given; type to replace it" : "value";
    };
    hint();
    input.setAttribute("aria-label", model.get("label"));
    input.addEventListener("input", () => model.send({ type: "text", text: input.value }));
    // Keys typed here are no shortcuts of the notebook around it.
    el.dataset.lmSuppressShortcuts = "true";
    const receive = (content) => {
      if (content.type === "clear") input.value = "";
    };
    model.on("msg:custom", receive);
    model.on("change:is_held", hint);
    el.append(input);
    return () => {
      model.off("msg:custom", receive);
      model.off("change:is_held", hint);
    };
  },
};
