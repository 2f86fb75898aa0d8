// The kernel's end of the comm, and states for the tests to show.

import { onTestFinished } from "vitest";
import type { Model } from "../src/store/model";
import { Store } from "../src/store/store";
import {
  type Attempt,
  type ErrorInfo,
  emptyLayer,
  emptyState,
  emptyStep,
  type Frame,
  type Image,
  type Layer,
  type Sent,
  type State,
  type Step,
} from "../src/wire";

type Callback = (...args: never[]) => void;

/** A widget model for which the test plays the kernel. */
export class FakeModel implements Model {
  readonly sent: Sent[] = [];
  widget_manager: unknown;
  values: Record<string, unknown> = {};
  #callbacks = new Map<string, Set<Callback>>();

  get(name: string): unknown {
    return { _comm_id: "the-comm", _mount: "the-place", ...this.values }[name];
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
    ...emptyLayer(),
    id: "a1b2c3",
    phase: "downloading",
    current: 400,
    total: 1000,
    ...change,
  };
}

export function step(change: Partial<Step> = {}): Step {
  return {
    ...emptyStep(),
    id: "1",
    name: "RUN true",
    status: "done",
    number: 1,
    count: 2,
    started: 0,
    duration: 1,
    ...change,
  };
}

export const IMAGE: Image = {
  id: `sha256:${"ab".repeat(32)}`,
  reference: "owner/env:1",
  digest: null,
  size: 45_600_000,
  source: "ghcr.io",
  download_size: null,
};

export const ERROR: ErrorInfo = {
  kind: "NotFound",
  message: "no <b>such</b> image",
  hint: "Check the name.",
  log_tail: ["\x1b[31mlast\x1b[0m line"],
  diagnosis: null,
  step: null,
  exit_code: null,
  dockerfile_line: null,
  source_lines: [],
  attempts: [],
};

export const TRY = {
  registry: "ghcr.io",
  reference: "ghcr.io/owner/env:1",
  number: 1,
  kind: "ServerError",
  message: "500",
};

/** The first of three attempts, which failed. */
export const tried = (message: string): Attempt[] => [
  { ...TRY, limit: 3, error: { ...TRY, message } },
];

/** Returns the text of an element, with ordinary spaces. */
export const plain = (element: Element | null | undefined): string | undefined =>
  element?.textContent?.replaceAll("\u00a0", " ");

/** Makes a store with `state`, as if it had come from a kernel. */
export function storeOf(state: Partial<State> = {}): Store {
  const store = new Store(new FakeModel());
  store.frames.run = 1;
  store.frames.state = { ...emptyState(), phase: "pulling", reference: "owner/env:1", ...state };
  return store;
}

/** Makes such a store, and disposes of it after the test. */
export function openStore(state: Partial<State> = {}): Store {
  const store = storeOf(state);
  onTestFinished(() => store.dispose());
  return store;
}
