// What the browser knows about one job; all views of the job share one store.

import { envelope, type Frame, type Message, type Request, readMessage, type State } from "../wire";
import { Asking } from "./asking";
import { Control } from "./control";
import { Drawing } from "./drawing";
import { Frames } from "./frames";
import { watchLink } from "./liveness";
import type { Link, Reader, Source } from "./log/kernel";
import { ViewMemory } from "./memory";
import type { Model } from "./model";
import { need } from "./modules";
import { Watchdog } from "./watchdog";

const TICK = 1000; // ms
const UNREAD = 100; // frames: about ten seconds; older lines are requested

const isFrame = (message: Message): message is Frame =>
  message.type === "snapshot" || message.type === "frame";

export const isFinal = (state: State): boolean =>
  state.phase === "done" || state.phase === "failed" || state.phase === "cancelled";

/** Whether there is more to show than the progress and the heading of the log. The kernel sends the
 * module with the other parts in the same cases. */
export const hasDetails = (state: State): boolean =>
  state.steps.length > 0 ||
  state.warnings.length > 0 ||
  state.attempts.some(({ error }) => error) ||
  state.phase === "failed" ||
  state.phase === "cancelled";

export class Store implements Source {
  readonly frames = new Frames();
  readonly memory = new ViewMemory();
  /** Keeps the log, once a view has loaded the parts that show it. */
  reader: Reader | null = null;
  unread: Frame[] = [];
  // ipykernel 7.3 sometimes leaves a message unread until the next one comes, so both ask again.
  readonly asking = {
    cancel: new Asking({ again: 2 }),
    retry: new Asking({ again: 4, over: 7 }),
  };
  #watchdog = new Watchdog();
  #drawing = new Drawing();
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setInterval>;
  #control: Control;
  #unwatch: () => void;
  #end = new AbortController();

  constructor(readonly model: Model) {
    this.#control = new Control(model, (content) => this.#sendToComm(content));
    model.on("msg:custom", this.#receive);
    this.#unwatch = watchLink(model, (alive) => this.setAlive(alive));
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#hello();
  }

  get state(): State {
    return this.frames.state;
  }

  get run(): number {
    return this.frames.run;
  }

  get link(): Link {
    return this.#watchdog.link;
  }

  /** Seconds since the last message from the kernel. */
  get quiet(): number {
    return this.#watchdog.quiet;
  }

  /** Whether any state of the job has been received. */
  get isKnown(): boolean {
    return this.run > 0;
  }

  /** Whether nothing will change any more: the job has ended, or its kernel has. */
  get isOver(): boolean {
    return isFinal(this.state) || this.link === "gone";
  }

  /** Whether to animate nothing: the job is over, or the kernel is silent. */
  get isStill(): boolean {
    return this.isOver || this.link === "silent";
  }

  /** Calls `view` after changes, at most once per animation frame. */
  subscribe(view: () => void): () => void {
    return this.#drawing.subscribe(view);
  }

  /** Calls `begin` once any state of the job has been received. */
  whenKnown(begin: () => void): void {
    const stop = this.subscribe(() => {
      if (!this.isKnown) return;
      stop();
      begin();
    });
    this.changed();
  }

  /** Returns a module of the front end that the page may not have yet. */
  load<T>(name: string): Promise<T> {
    return need<T>(name, () => this.send({ type: "module", name }), this.#end.signal);
  }

  changed(): void {
    this.#drawing.changed();
  }

  send(request: Request): void {
    this.#control.send(envelope(request));
  }

  /** Asks for a snapshot of the job. */
  #hello(): void {
    this.send({ type: "hello" });
  }

  #sendToComm(content: object): void {
    try {
      this.model.send(content);
    } catch {
      this.setAlive(false); // the comm was disposed with its kernel
    }
  }

  cancel(): void {
    this.#ask("cancel");
  }

  retry(): void {
    this.#ask("retry");
  }

  #ask(type: "cancel" | "retry"): void {
    this.asking[type].press();
    this.send({ type, run: this.run });
    this.changed();
  }

  /** Records whether the comm is still connected to a kernel. */
  setAlive(alive: boolean): void {
    if (!this.#watchdog.setAlive(alive)) return;
    if (alive) this.#hello();
    this.changed();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#drawing.dispose();
    this.reader?.dispose();
    this.model.off("msg:custom", this.#receive);
    this.#unwatch();
    this.#end.abort();
  }

  #receive = (content: unknown, buffers?: DataView[]): void => {
    const message = readMessage(content);
    if (!message) return;
    this.#watchdog.heard();
    this.#take(message, buffers);
    this.changed();
  };

  #take(message: Message, buffers?: DataView[]): void {
    if (isFrame(message)) this.#takeFrame(message);
    else if (message.type === "download" || message.run === this.run)
      this.reader?.take(message, buffers);
  }

  #takeFrame(frame: Frame): void {
    const taken = this.frames.take(frame);
    if (taken === "old") return;
    if (taken === "begun") {
      this.unread = [];
      this.reader?.begin();
      this.asking.cancel.end();
      this.asking.retry.end();
    }
    if (frame.run === this.run) this.#read(frame); // log lines are usable even after a gap
    if (taken === "missed") {
      this.#askForSnapshot();
      return;
    }
    this.reader?.grow(this.state.log_length);
    if (this.state.phase === "cancelling" || isFinal(this.state)) this.asking.cancel.end();
  }

  #read(frame: Frame): void {
    if (this.reader) this.reader.push(frame);
    else if (frame.lines?.length || frame.open)
      this.unread = [...this.unread, frame].slice(-UNREAD);
  }

  /** Recovers from a lost frame; asks at most once a second, because the kernel may be busy. */
  #askForSnapshot(): void {
    const now = performance.now();
    if (now - this.#askedAt < 1000) return;
    this.#askedAt = now;
    this.#hello();
  }

  #tick(): void {
    for (const type of ["cancel", "retry"] as const) {
      if (this.asking[type].isWaiting) this.changed();
      if (this.asking[type].tick()) this.#ask(type);
    }
    if (this.isOver) return;
    if (this.#watchdog.tick()) this.#hello();
    if (this.link === "silent") this.changed();
  }
}
