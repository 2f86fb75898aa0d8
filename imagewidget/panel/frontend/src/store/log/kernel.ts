// The kernel, as those see it who ask it for log lines.
import type { Request } from "../../wire";

/** `gone`: restarted or shut down. `silent`: it should speak and does not. */
export type Link = "live" | "silent" | "gone";

/** Who is asked: the store. */
export interface Kernel {
  readonly link: Link;
  readonly isOver: boolean;
  send(request: Request): void;
}
