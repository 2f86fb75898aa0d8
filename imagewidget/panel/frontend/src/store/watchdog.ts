// Watches whether the kernel still sends messages. `tick` is called once a second.
import type { Link } from "./log/kernel";

const SILENT_AFTER = 10; // seconds
const ASK_AGAIN_AFTER = 5;

export class Watchdog {
  link: Link = "live";
  /** Seconds since the last message from the kernel. */
  quiet = 0;

  heard(): void {
    this.quiet = 0;
    this.link = "live";
  }

  /** Records whether the comm is connected to a kernel; returns whether the link changed. */
  setAlive(alive: boolean): boolean {
    const link = alive ? "live" : "gone";
    if (link === this.link || (alive && this.link === "silent")) return false;
    this.link = link;
    return true;
  }

  /** Counts one second without a message; returns true when the kernel must be asked for one. */
  tick(): boolean {
    this.quiet += 1;
    if (this.quiet >= SILENT_AFTER && this.link === "live") this.link = "silent";
    return this.quiet % ASK_AGAIN_AFTER === 0;
  }
}
