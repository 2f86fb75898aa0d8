import { beforeEach, expect, it, vi } from "vitest";
import { Control } from "../../src/store/control";
import { FakeModel } from "../helpers";

interface Sent {
  channel: string;
  header: Record<string, string>;
  content: unknown;
}

/** JupyterLab's connection to a kernel, as far as it is used. */
class FakeKernel {
  clientId = "client";
  username = "me";
  commsOverSubshells?: string;
  supportsSubshells?: boolean;
  sent: Sent[] = [];
  hear: () => void = () => {};

  sendControlMessage(message: object): { done: Promise<void> } {
    this.sent.push(message as Sent);
    return { done: new Promise((resolve) => (this.hear = resolve)) };
  }
}

let model: FakeModel;
let kernel: FakeKernel;
let otherwise: object[];
let control: Control;

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  kernel = new FakeKernel();
  model.widget_manager = { kernel };
  otherwise = [];
  control = new Control(model, (content) => otherwise.push(content));
});

it("sends to the panel's comm over the control channel", async () => {
  control.send({ type: "cancel" });
  control.send({ type: "hello" });
  kernel.hear();
  await vi.advanceTimersByTimeAsync(1900);
  expect(otherwise).toEqual([]);
  const [first, second] = kernel.sent;
  expect(first?.channel).toBe("control");
  expect(first?.header).toMatchObject({ msg_type: "comm_msg", session: "client", username: "me" });
  expect(first?.header.msg_id).not.toBe(second?.header.msg_id);
  expect(first?.content).toEqual({
    comm_id: "the-comm",
    data: { method: "custom", content: { type: "cancel" } },
  });
});

it("leaves it to a front end that reaches subshells", () => {
  kernel.supportsSubshells = true;
  kernel.commsOverSubshells = "per_comm";
  control.send({ type: "cancel" });
  expect(kernel.sent).toEqual([]);
  expect(otherwise).toHaveLength(1);
  kernel.commsOverSubshells = "disabled";
  control.send({ type: "cancel" });
  expect(kernel.sent).toHaveLength(1);
});

it.each([undefined, {}, { kernel: null }, { kernel: {} }])("needs a connection: %o", (manager) => {
  model.widget_manager = manager;
  control.send({ type: "cancel" });
  expect(otherwise).toHaveLength(1);
});

it("needs a kernel that listens there", () => {
  model.get = () => "";
  control.send({ type: "cancel" });
  expect(kernel.sent).toEqual([]);
  expect(otherwise).toHaveLength(1);
});

it("goes the usual way when the connection was disposed", () => {
  kernel.sendControlMessage = () => {
    throw new Error("disposed");
  };
  control.send({ type: "cancel" });
  expect(otherwise).toHaveLength(1);
});

it("goes the usual way with what was lost, and from then on, until it is heard after all", async () => {
  control.send({ type: "cancel" });
  await vi.advanceTimersByTimeAsync(2100);
  expect(otherwise).toEqual([{ type: "cancel" }]);
  control.send({ type: "hello" });
  expect(otherwise).toHaveLength(2);
  kernel.hear();
  await vi.advanceTimersByTimeAsync(0);
  control.send({ type: "hello" });
  expect(kernel.sent).toHaveLength(2);
  expect(otherwise).toHaveLength(2);
});
