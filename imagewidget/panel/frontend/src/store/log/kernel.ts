// The kernel, as seen by the modules that request log lines, and what they are for the store.
import type { Frame, Message, Request } from "../../wire";

/** `gone`: restarted or shut down. `silent`: it should send messages but does not. */
export type Link = "live" | "silent" | "gone";

/** Receives the requests; implemented by the store. */
export interface Kernel {
  readonly link: Link;
  readonly isOver: boolean;
  send(request: Request): void;
}

/** The answers to requests; the frames are handled first. */
export type Answer = Exclude<Message, Frame>;

/** Keeps the log of the current run; implemented by what is loaded with the parts that show it. */
export interface Reader {
  /** Forgets everything: another run has begun. */
  begin(): void;
  push(frame: Frame): void;
  grow(length: number): void;
  take(answer: Answer, buffers?: DataView[]): void;
  dispose(): void;
}

/** The store, for a reader that is loaded after the first frames. */
export interface Source extends Kernel {
  reader: Reader | null;
  /** Frames with log lines that came before there was a reader; the last ones. */
  readonly unread: readonly Frame[];
  readonly state: { readonly log_length: number };
}
