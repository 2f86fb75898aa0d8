// A password field whose text is sent to the kernel as a message and kept in no widget state.
export default {
  render({ model, el }) {
    const input = document.createElement("input");
    input.type = "password";
    input.className = "iw-wb-secret";
    input.autocomplete = "off";
    input.spellcheck = false;
    // After the page is reloaded the field is empty, but the kernel may still hold the value.
    const hint = () => {
      input.placeholder = model.get("is_held") ? "already set; type to replace it" : "value";
    };
    hint();
    input.setAttribute("aria-label", model.get("label"));
    input.addEventListener("input", () => model.send({ type: "text", text: input.value }));
    // Keys typed here must not trigger the notebook's shortcuts.
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
