// The period in which the steps of a build ran, in seconds since the job began.
import type { Step } from "../wire";

export interface Span {
  start: number;
  length: number;
}

export function timeOf(steps: readonly Step[]): Span {
  const begun = steps.filter((step) => step.started !== null);
  if (begun.length === 0) return { start: 0, length: 1 };
  const start = Math.min(...begun.map((step) => step.started ?? 0));
  const stop = Math.max(...begun.map((step) => (step.started ?? 0) + (step.duration ?? 0)));
  return { start, length: Math.max(stop - start, 0.1) };
}
