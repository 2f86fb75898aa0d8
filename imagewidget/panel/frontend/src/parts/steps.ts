// The steps of a build, in the builder's order, on a common timeline.
import { h, Rows, show } from "../kit/dom";
import { Fold } from "../kit/fold";
import { plural } from "../kit/format";
import type { Store } from "../store/store";
import type { Step } from "../wire";
import { StepRow } from "./step";
import { type Span, timeOf } from "./timeline";
import { doneOf } from "./words";

export class Steps {
  readonly el: HTMLElement;
  #fold: Fold;
  #list = h("ol.iw-rows");
  #rows: Rows<Step>;

  constructor(private readonly store: Store) {
    this.#fold = new Fold("Steps", store.memory.folds);
    this.#rows = new Rows<Step>(this.#list, () => new StepRow(store, () => this.span));
    this.#fold.body.append(this.#list);
    this.el = this.#fold.el;
  }

  /** The period in which the steps ran, in seconds since the job began. */
  span: Span = { start: 0, length: 1 };

  update(): void {
    const { steps } = this.store.state;
    show(this.el, steps.length > 0);
    if (steps.length === 0) return;
    this.#fold.note(note(steps));
    if (!this.#fold.isOpen) return;
    this.span = timeOf(steps);
    // A new run gets new rows.
    this.#rows.update(steps, (step, index) => `${this.store.run} ${index} ${step.id}`);
  }

  dispose(): void {
    this.#rows.dispose();
  }
}

function note(steps: readonly Step[]): string {
  const tally = (status: string) => steps.filter((step) => step.status === status).length;
  const extra = (["cached", "failed", "cancelled"] as const)
    .filter((status) => tally(status) > 0)
    .map((status) => `${tally(status)} ${status}`);
  const warnings = steps.reduce((sum, step) => sum + step.warnings, 0);
  if (warnings > 0) extra.push(plural(warnings, "warning"));
  return [`${doneOf(steps)} of ${steps.length}`, ...extra].join(" · ");
}
