// The kernel, as seen by the modules that request log lines.
import type { Request } from "../../wire";

/** `gone`: restarted or shut down. `silent`: it should send messages but does not. */
export type Link = "live" | "silent" | "gone";

/** Receives the requests; implemented by the store. */
export interface Kernel {
  readonly link: Link;
  readonly isOver: boolean;
  send(request: Request): void;
}
