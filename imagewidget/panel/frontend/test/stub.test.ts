// What anywidget calls: it must never wait in `initialize`, and waits in `render`.
import { afterEach, expect, it, vi } from "vitest";
import * as modules from "../src/store/modules";
import stub from "../src/stub";
import { FakeModel } from "./helpers";

afterEach(() => vi.restoreAllMocks());

it("starts the core when it has come, and draws views then", async () => {
  const model = new FakeModel();
  let arrive: (core: unknown) => void = () => {};
  const need = vi
    .spyOn(modules, "need")
    .mockReturnValue(new Promise((resolve) => (arrive = resolve)) as never);
  const panel = stub();
  const end = panel.initialize({ model });
  expect(end).toBeInstanceOf(Function);
  const [name, ask, signal, isComing] = need.mock.calls[0] ?? [];
  ask?.();
  expect([name, isComing]).toEqual(["core", false]);
  expect(model.sent).toEqual([{ v: 1, type: "module", name: "core" }]);
  const el = {} as HTMLElement;
  const drawn = panel.render({ el });
  const started = { render: vi.fn(() => () => {}) };
  const start = vi.fn(() => started);
  arrive({ start });
  await drawn;
  expect(start).toHaveBeenCalledWith(model, signal);
  expect(started.render).toHaveBeenCalledWith(el);
  end();
  expect(signal?.aborted).toBe(true);
});

it("passes on the modules that the kernel sends, and nothing else", () => {
  const receive = vi.spyOn(modules, "receive").mockReturnValue();
  vi.spyOn(modules, "need").mockReturnValue(new Promise(() => {}));
  const model = new FakeModel();
  stub().initialize({ model });
  const buffer = new DataView(new ArrayBuffer(1));
  model.receive({ v: 1, type: "module", name: "details" }, [buffer]);
  model.receive({ v: 1, type: "frame", run: 1, seq: 1 });
  expect(receive.mock.calls).toEqual([["details", buffer]]);
});
