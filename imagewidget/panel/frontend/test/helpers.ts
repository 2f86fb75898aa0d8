// A kernel's end of the comm, and states to show.
import type { Model } from "../src/store/model";
import { Store } from "../src/store/store";
import { emptyState, type Frame, type Layer, type Sent, type State, type Step } from "../src/wire";

type Callback = (...args: never[]) => void;

/** A widget model whose kernel is the test. */
export class FakeModel implements Model {
  readonly sent: Sent[] = [];
  final: unknown = {};
  widget_manager: unknown;
  #callbacks = new Map<string, Set<Callback>>();

  get(name: string): unknown {
    return name === "_final" ? this.final : "the-comm";
  }

  send(content: unknown): void {
    this.sent.push(content as Sent);
  }

  on(event: string, callback: Callback): void {
    const all = this.#callbacks.get(event) ?? new Set();
    this.#callbacks.set(event, all.add(callback));
  }

  off(event: string, callback: Callback): void {
    this.#callbacks.get(event)?.delete(callback);
  }

  trigger(event: string, ...args: unknown[]): void {
    for (const callback of this.#callbacks.get(event) ?? []) callback(...(args as never[]));
  }

  receive(content: unknown, buffers: DataView[] = []): void {
    this.trigger("msg:custom", content, buffers);
  }

  kinds(): string[] {
    return this.sent.map(({ type }) => type);
  }
}

export const frame = (body: Partial<Frame> = {}): Frame => ({
  v: 1,
  type: "frame",
  run: 1,
  seq: 1,
  ...body,
});

export const snapshot = (body: Partial<Frame> = {}): Frame => frame({ type: "snapshot", ...body });

export function layer(change: Partial<Layer> = {}): Layer {
  return {
    id: "a1b2c3",
    phase: "downloading",
    current: 400,
    total: 1000,
    extracted: 0,
    extract_total: null,
    speed: null,
    ...change,
  };
}

export function step(change: Partial<Step> = {}): Step {
  return {
    id: "1",
    name: "RUN true",
    status: "done",
    stage: "",
    number: 1,
    count: 2,
    started: 0,
    duration: 1,
    error: null,
    warnings: 0,
    transfers: [],
    ...change,
  };
}

/** A store that knows `state`, as if a kernel had told it. */
export function storeOf(state: Partial<State> = {}): Store {
  const store = new Store(new FakeModel());
  store.run = 1;
  store.state = { ...emptyState(), phase: "pulling", reference: "owner/env:1", ...state };
  return store;
}
