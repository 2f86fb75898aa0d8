// The state of a job, as its frames tell it: each once, in their order, and none left out.
import { applyFrame, emptyState, type Frame, type State } from "../wire";

/** `begun`: the first of another run. `missed`: others should have come before it. */
type Taken = "begun" | "next" | "old" | "missed";

export class Frames {
  state: State = emptyState();
  run = 0;
  #seq = 0;

  /** Applies the frame, unless it is old or comes too early. */
  take(frame: Frame): Taken {
    const taken = this.#judge(frame);
    if (taken === "old" || taken === "missed") return taken;
    if (frame.type === "snapshot") this.state = emptyState();
    this.run = frame.run;
    this.#seq = frame.seq;
    applyFrame(this.state, frame);
    return taken;
  }

  #judge({ type, run, seq }: Frame): Taken {
    if (run < this.run) return "old";
    if (type === "snapshot") {
      if (run !== this.run) return "begun";
      return seq < this.#seq ? "old" : "next";
    }
    if (run !== this.run) return "missed";
    if (seq <= this.#seq) return "old";
    return seq === this.#seq + 1 ? "next" : "missed";
  }
}
