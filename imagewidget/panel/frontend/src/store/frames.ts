// Builds the state of a job from its frames: each is applied once, in order, without gaps.
import { applyFrame, emptyState, type Frame, type State } from "../wire";

/** `begun`: the first frame of a new run. `missed`: at least one frame before it was lost. */
type Taken = "begun" | "next" | "old" | "missed";

export class Frames {
  state: State = emptyState();
  run = 0;
  #seq = 0;

  /** Applies the frame, unless it is old or comes after a gap. */
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
