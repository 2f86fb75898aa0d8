// The words and icons for every phase. Nothing is conveyed by colour alone.
import { duration } from "../kit/format";
import type { IconName } from "../kit/icons";
import { isFinal, type Store } from "../store/store";
import type { LayerPhase, Phase, State, Step, StepStatus } from "../wire";

export type Tone = "busy" | "ok" | "bad" | "warn" | "idle";

export interface Sign {
  word: string;
  icon: IconName;
  tone: Tone;
}

const signOf = (word: string, icon: IconName, tone: Tone): Sign => ({ word, icon, tone });

// Shared by layers and steps.
const WAITING = signOf("waiting", "clock", "idle");
const DONE = signOf("done", "check", "ok");
const CACHED = signOf("cached", "bolt", "ok");

const PHASES: Record<Phase, Sign> = {
  queued: signOf("Queued", "clock", "idle"),
  checking: signOf("Checking the local cache", "spinner", "busy"),
  pulling: signOf("Pulling", "spinner", "busy"),
  extracting: signOf("Extracting", "spinner", "busy"),
  building: signOf("Building", "spinner", "busy"),
  retrying: signOf("Retrying", "retry", "warn"),
  cancelling: signOf("Cancelling", "spinner", "warn"),
  done: signOf("Done", "check", "ok"),
  failed: signOf("Failed", "cross", "bad"),
  cancelled: signOf("Cancelled", "stop", "idle"),
};

export const LAYERS: Record<LayerPhase, Sign> = {
  queued: WAITING,
  downloading: signOf("downloading", "download", "busy"),
  verifying: signOf("verifying", "spinner", "busy"),
  downloaded: signOf("downloaded", "download", "idle"),
  extracting: signOf("extracting", "unpack", "busy"),
  done: DONE,
  cached: CACHED,
  retrying: signOf("retrying", "retry", "warn"),
  stopped: signOf("stopped", "stop", "idle"),
};

export const STEPS: Record<StepStatus, Sign> = {
  pending: WAITING,
  running: signOf("running", "spinner", "busy"),
  cached: CACHED,
  done: DONE,
  failed: signOf("failed", "cross", "bad"),
  cancelled: signOf("cancelled", "stop", "idle"),
};

/** Returns what the job is doing, for the chip in the header. */
export function sign(store: Store): Sign {
  const { state } = store;
  if (store.isOver && store.link === "gone" && !isFinal(state)) {
    return signOf("Interrupted", "unplug", "warn");
  }
  if (store.link === "silent") return signOf("No response", "unplug", "warn");
  if (!store.isKnown) return signOf("Waiting for the kernel", "clock", "idle");
  if (state.phase === "retrying" && state.retry_in !== null) {
    return { ...PHASES.retrying, word: `Retrying in ${Math.ceil(state.retry_in)}\u00a0s` };
  }
  if (state.stalled_for !== null && !isFinal(state)) {
    const word = `Stalled for ${duration(Math.floor(state.stalled_for))}`;
    return signOf(word.replace(/\.0/, ""), "pause", "warn");
  }
  if (state.phase === "pulling" && state.operation === "build") {
    return { ...PHASES.pulling, word: "Pulling base image" };
  }
  return PHASES[state.phase];
}

/** Returns what a screen reader announces when the phase changes. */
export function spoken(state: State): string {
  const what = state.reference || "the image";
  switch (state.phase) {
    case "queued":
      return `${what} is queued`;
    case "checking":
      return `Checking the local cache for ${what}`;
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

/** Counts the steps that succeeded. */
export const doneOf = (steps: readonly Step[]): number =>
  steps.filter(({ status }) => status === "done" || status === "cached").length;
