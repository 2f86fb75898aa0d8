// What anywidget loads with every panel. The rest of the front end is not part of the model: the
// page has it from another panel, or receives it from the kernel in a message.
//
// A page handles the messages of a kernel one after another, so `initialize` must not wait for one.
import type { Start, Started } from "./core";
import { Control } from "./store/control";
import type { Model } from "./store/model";
import { need, receive } from "./store/modules";
import { envelope } from "./wire";

export default () => {
  let started: Promise<Started>;
  return {
    initialize({ model }: { model: Model }) {
      const end = new AbortController();
      const control = new Control(model, (content) => model.send(content));
      const ask = () => control.send(envelope({ type: "module", name: "core" }));
      model.on("msg:custom", ({ type, name }: Record<string, string>, buffers: DataView[]) => {
        if (type === "module" && name && buffers[0]) receive(name, buffers[0]);
      });
      const core = need<{ start: Start }>(
        "core",
        ask,
        end.signal,
        model.get("_is_sending") === true,
      );
      started = core.then(({ start }) => start(model, end.signal));
      return () => end.abort();
    },
    render: async ({ el }: { el: HTMLElement }) => (await started).render(el),
  };
};
