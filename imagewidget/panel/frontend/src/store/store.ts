// What the browser knows of one job; every view of it shares one store.

import {
  applyFrame,
  emptyState,
  envelope,
  type Frame,
  type Message,
  type Request,
  readMessage,
  type State,
} from "../wire";
import { Control } from "./control";
import { Downloads } from "./download";
import type { Kernel, Link } from "./kernel";
import { LogLines } from "./lines";
import type { Model } from "./model";

const SILENT_AFTER = 10; // ticks of a second
const CANCEL_SHOULD_SHOW_AFTER = 3;
const ASK_AGAIN_AFTER = 5;
const ASK_TO_CANCEL_AGAIN_AFTER = 2;
const ASK_TO_RETRY_AGAIN_AFTER = 3;
const RETRY_UNHEARD_AFTER = 6;

export const isFinal = (state: State): boolean =>
  state.phase === "done" || state.phase === "failed" || state.phase === "cancelled";

export class Store implements Kernel {
  state: State = emptyState();
  run = 0;
  link: Link = "live";
  /** Seconds since the kernel was last heard. */
  quiet = 0;
  /** Seconds since Cancel was pressed and not yet obeyed; null when it was not. */
  cancelAsked: number | null = null;
  /** Seconds since Retry was pressed, in any view, and the new run is still to begin. */
  retryAsked: number | null = null;
  /** What the reader opened, closed and looked for: a front end may draw a view anew. */
  readonly folds = new Map<string, boolean>();
  wraps = false;
  query = "";
  focused = "";
  readonly lines = new LogLines(this);
  readonly downloads: Downloads;
  #seq = 0;
  #views = new Set<() => void>();
  #followers = new Set<object>();
  #frame = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setInterval>;
  #control: Control;

  constructor(readonly model: Model) {
    this.#control = new Control(model, (content) => this.#sendToComm(content));
    this.downloads = new Downloads((request) => this.send(request));
    model.on("msg:custom", this.#receive);
    model.on("change:_final", this.#readFinal);
    this.#readFinal();
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.send({ type: "hello" });
  }

  /** Whether anything was heard of the job. */
  get isKnown(): boolean {
    return this.run > 0;
  }

  /** Nothing more will change: it ended, or its kernel did. */
  get isOver(): boolean {
    return isFinal(this.state) || this.link === "gone";
  }

  /** Nothing is known to move: it is over, or nobody knows whether it goes on. */
  get isStill(): boolean {
    return this.isOver || this.link === "silent";
  }

  /** Calls `view` after changes, at most once per animation frame. */
  subscribe(view: () => void): () => void {
    this.#views.add(view);
    return () => this.#views.delete(view);
  }

  changed(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      for (const view of this.#views) view();
    });
  }

  send(request: Request): void {
    this.#control.send(envelope(request));
  }

  #sendToComm(content: object): void {
    try {
      this.model.send(content);
    } catch {
      this.setAlive(false); // the comm was disposed with its kernel
    }
  }

  cancel(): void {
    this.cancelAsked ??= 0;
    this.send({ type: "cancel", run: this.run });
    this.changed();
  }

  retry(): void {
    this.retryAsked ??= 0;
    this.send({ type: "retry", run: this.run });
    this.changed();
  }

  get cancelUnheard(): boolean {
    return (this.cancelAsked ?? 0) >= CANCEL_SHOULD_SHOW_AFTER;
  }

  /** A view says whether it looks at the end of the log. */
  follow(view: object, on: boolean): void {
    const before = this.#followers.size > 0;
    if (on) this.#followers.add(view);
    else this.#followers.delete(view);
    const after = this.#followers.size > 0;
    if (before !== after) this.send({ type: "follow", on: after });
  }

  /** The front end says whether the comm still leads to a kernel. */
  setAlive(alive: boolean): void {
    const link = alive ? "live" : "gone";
    if (link === this.link || (alive && this.link === "silent")) return;
    this.link = link;
    if (alive) this.send({ type: "hello" });
    this.changed();
  }

  dispose(): void {
    clearInterval(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.lines.dispose();
    this.model.off("msg:custom", this.#receive);
    this.model.off("change:_final", this.#readFinal);
  }

  #receive = (content: unknown, buffers?: DataView[]): void => {
    const message = readMessage(content);
    if (!message) return;
    this.quiet = 0;
    this.link = "live";
    this.#take(message, buffers);
    this.changed();
  };

  #take(message: Message, buffers?: DataView[]): void {
    switch (message.type) {
      case "snapshot":
      case "frame":
        this.#takeFrame(message);
        break;
      case "lines":
        if (message.run === this.run) this.lines.answered(message);
        break;
      case "found":
        if (message.run === this.run) this.lines.found(message);
        break;
      case "download":
        this.downloads.received(message, buffers?.[0]);
        break;
    }
  }

  #takeFrame(frame: Frame): void {
    if (frame.run < this.run) return;
    if (frame.type === "snapshot") {
      if (frame.run !== this.run) {
        this.lines.clear();
        this.cancelAsked = this.retryAsked = null;
      } else if (frame.seq < this.#seq) return;
      this.state = emptyState();
    } else if (frame.run !== this.run || frame.seq !== this.#seq + 1) {
      if (frame.run === this.run && frame.seq <= this.#seq) return;
      if (frame.run === this.run) this.lines.push(frame); // good all the same
      this.#askForSnapshot();
      return;
    }
    this.run = frame.run;
    this.#seq = frame.seq;
    applyFrame(this.state, frame);
    this.lines.push(frame);
    this.lines.grow(this.state.log_length);
    if (this.state.phase === "cancelling" || isFinal(this.state)) this.cancelAsked = null;
  }

  /** A frame was missed; asked at most once a second, for the kernel may be busy. */
  #askForSnapshot(): void {
    const now = performance.now();
    if (now - this.#askedAt < 1000) return;
    this.#askedAt = now;
    this.send({ type: "hello" });
  }

  #readFinal = (): void => {
    const message = readMessage(this.model.get("_final"));
    if (message?.type !== "snapshot") return;
    this.#takeFrame(message);
    this.changed();
  };

  #tick(): void {
    if (this.cancelAsked !== null) {
      this.cancelAsked += 1;
      // ipykernel 7.3 now and then leaves a message lying until the next one comes.
      if (this.cancelAsked === ASK_TO_CANCEL_AGAIN_AFTER) this.cancel();
      this.changed();
    }
    const asked = this.retryAsked;
    if (asked !== null) {
      this.retryAsked = asked < RETRY_UNHEARD_AFTER ? asked + 1 : null;
      if (asked === ASK_TO_RETRY_AGAIN_AFTER) this.retry();
      this.changed();
    }
    if (this.isOver) return;
    this.quiet += 1;
    if (this.quiet % ASK_AGAIN_AFTER === 0) this.send({ type: "hello" });
    if (this.quiet >= SILENT_AFTER && this.link === "live") this.link = "silent";
    if (this.link === "silent") this.changed();
  }
}
