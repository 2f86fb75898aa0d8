// The words and icons for every phase. Colour is never the only sign.
import { duration } from "../kit/format";
import type { IconName } from "../kit/icons";
import { isFinal, type Store } from "../store/store";
import type { LayerPhase, Phase, State, StepStatus } from "../wire";

export type Tone = "busy" | "ok" | "bad" | "warn" | "idle";

export interface Sign {
  word: string;
  icon: IconName;
  tone: Tone;
}

const PHASES: Record<Phase, Sign> = {
  queued: { word: "Queued", icon: "clock", tone: "idle" },
  checking: { word: "Checking local images", icon: "spinner", tone: "busy" },
  pulling: { word: "Pulling", icon: "spinner", tone: "busy" },
  extracting: { word: "Extracting", icon: "spinner", tone: "busy" },
  building: { word: "Building", icon: "spinner", tone: "busy" },
  retrying: { word: "Retrying", icon: "retry", tone: "warn" },
  cancelling: { word: "Cancelling", icon: "spinner", tone: "warn" },
  done: { word: "Done", icon: "check", tone: "ok" },
  failed: { word: "Failed", icon: "cross", tone: "bad" },
  cancelled: { word: "Cancelled", icon: "stop", tone: "idle" },
};

export const LAYERS: Record<LayerPhase, Sign> = {
  queued: { word: "waiting", icon: "clock", tone: "idle" },
  downloading: { word: "downloading", icon: "download", tone: "busy" },
  verifying: { word: "verifying", icon: "spinner", tone: "busy" },
  downloaded: { word: "downloaded", icon: "download", tone: "idle" },
  extracting: { word: "extracting", icon: "unpack", tone: "busy" },
  done: { word: "done", icon: "check", tone: "ok" },
  cached: { word: "cached", icon: "bolt", tone: "ok" },
  retrying: { word: "retrying", icon: "retry", tone: "warn" },
  stopped: { word: "stopped", icon: "stop", tone: "idle" },
};

export const STEPS: Record<StepStatus, Sign> = {
  pending: { word: "waiting", icon: "clock", tone: "idle" },
  running: { word: "running", icon: "spinner", tone: "busy" },
  cached: { word: "cached", icon: "bolt", tone: "ok" },
  done: { word: "done", icon: "check", tone: "ok" },
  failed: { word: "failed", icon: "cross", tone: "bad" },
  cancelled: { word: "cancelled", icon: "stop", tone: "idle" },
};

/** What the job is doing, as its chip shows it. */
export function sign(store: Store): Sign {
  const { state } = store;
  if (store.isOver && store.link === "gone" && !isFinal(state)) {
    return { word: "Interrupted", icon: "unplug", tone: "warn" };
  }
  if (store.link === "silent") return { word: "No answer", icon: "unplug", tone: "warn" };
  if (!store.isKnown) return { word: "Waiting for the kernel", icon: "clock", tone: "idle" };
  if (state.phase === "retrying" && state.retry_in !== null) {
    return { ...PHASES.retrying, word: `Retrying in ${Math.ceil(state.retry_in)}\u00a0s` };
  }
  if (state.stalled_for !== null && !isFinal(state)) {
    const word = `Stalled for ${duration(Math.floor(state.stalled_for))}`;
    return { word: word.replace(/\.0/, ""), icon: "pause", tone: "warn" };
  }
  if (state.phase === "pulling" && state.operation === "build") {
    return { ...PHASES.pulling, word: "Pulling base image" };
  }
  return PHASES[state.phase];
}

/** What a screen reader hears when the phase changes. */
export function spoken(state: State): string {
  const what = state.reference || "the image";
  switch (state.phase) {
    case "queued":
      return `${what} is queued`;
    case "checking":
      return `Looking for ${what} among the local images`;
    case "pulling":
      return `Pulling ${what}${state.source ? ` from ${state.source}` : ""}`;
    case "done":
      return `Done: ${what} is ready after ${duration(state.elapsed)}`;
    case "failed":
      return `Failed: ${(state.error?.message ?? what).replaceAll("`", "")}`;
    default:
      return `${PHASES[state.phase].word} ${what}`;
  }
}
