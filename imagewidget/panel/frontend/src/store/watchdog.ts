// Whether the kernel still speaks. The clock is whoever calls `tick`, once a second.
import type { Link } from "./log/kernel";

const SILENT_AFTER = 10; // seconds
const ASK_AGAIN_AFTER = 5;

export class Watchdog {
  link: Link = "live";
  /** Seconds since the kernel was last heard. */
  quiet = 0;

  heard(): void {
    this.quiet = 0;
    this.link = "live";
  }

  /** Takes whether the comm still leads to a kernel; true if that is news. */
  setAlive(alive: boolean): boolean {
    const link = alive ? "live" : "gone";
    if (link === this.link || (alive && this.link === "silent")) return false;
    this.link = link;
    return true;
  }

  /** One second more in which a kernel that should speak did not; true when it is to be asked. */
  tick(): boolean {
    this.quiet += 1;
    if (this.quiet >= SILENT_AFTER && this.link === "live") this.link = "silent";
    return this.quiet % ASK_AGAIN_AFTER === 0;
  }
}
