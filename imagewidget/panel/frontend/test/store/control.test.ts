import { beforeEach, expect, it, vi } from "vitest";
import { Control } from "../../src/store/control";
import { FakeModel } from "../helpers";

interface Sent {
  channel: string;
  header: Record<string, string>;
  content: unknown;
}

/** The part of JupyterLab's connection to a kernel that is used. */
class FakeKernel {
  clientId = "client";
  username = "me";
  commsOverSubshells?: string;
  supportsSubshells?: boolean;
  sent: Sent[] = [];
  reply: () => void = () => {};

  sendControlMessage(message: object): { done: Promise<void> } {
    this.sent.push(message as Sent);
    return { done: new Promise((resolve) => (this.reply = resolve)) };
  }
}

let model: FakeModel;
let kernel: FakeKernel;
let fallback: object[];
let control: Control;

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  kernel = new FakeKernel();
  model.widget_manager = { kernel };
  fallback = [];
  control = new Control(model, (content) => fallback.push(content));
});

it("sends to the panel's comm over the control channel", async () => {
  control.send({ type: "cancel" });
  control.send({ type: "hello" });
  kernel.reply();
  await vi.advanceTimersByTimeAsync(1900);
  expect(fallback).toEqual([]);
  const [first, second] = kernel.sent;
  expect(first?.channel).toBe("control");
  expect(first?.header).toMatchObject({ msg_type: "comm_msg", session: "client", username: "me" });
  expect(first?.header.msg_id).not.toBe(second?.header.msg_id);
  expect(first?.content).toEqual({
    comm_id: "the-comm",
    data: { method: "custom", content: { type: "cancel" } },
  });
});

it("leaves messages to a front end that sends them to subshells", () => {
  kernel.supportsSubshells = true;
  kernel.commsOverSubshells = "per_comm";
  control.send({ type: "cancel" });
  expect(kernel.sent).toEqual([]);
  expect(fallback).toHaveLength(1);
  kernel.commsOverSubshells = "disabled";
  control.send({ type: "cancel" });
  expect(kernel.sent).toHaveLength(1);
});

it.each([undefined, {}, { kernel: null }, { kernel: {} }])(
  "uses the comm without a connection: %o",
  (manager) => {
    model.widget_manager = manager;
    control.send({ type: "cancel" });
    expect(fallback).toHaveLength(1);
  },
);

it("uses the comm without a comm id", () => {
  model.get = () => "";
  control.send({ type: "cancel" });
  expect(kernel.sent).toEqual([]);
  expect(fallback).toHaveLength(1);
});

it("uses the comm when the connection is disposed", () => {
  kernel.sendControlMessage = () => {
    throw new Error("disposed");
  };
  control.send({ type: "cancel" });
  expect(fallback).toHaveLength(1);
});

it("uses the comm after a lost message, until the kernel replies after all", async () => {
  control.send({ type: "cancel" });
  await vi.advanceTimersByTimeAsync(2100);
  expect(fallback).toEqual([{ type: "cancel" }]);
  control.send({ type: "hello" });
  expect(fallback).toHaveLength(2);
  kernel.reply();
  await vi.advanceTimersByTimeAsync(0);
  control.send({ type: "hello" });
  expect(kernel.sent).toHaveLength(2);
  expect(fallback).toHaveLength(2);
});
