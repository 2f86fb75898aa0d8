// Every failed attempt, with its registry.
import { h, show } from "../kit/dom";
import type { Store } from "../store/store";
import type { Attempt, AttemptError, State } from "../wire";

/** The failed attempts of a job that goes on; the error card lists those of one that failed. */
export class Attempts {
  readonly el = h("div.iw-tries", { hidden: true });
  #shown: Attempt[] | null = null;

  constructor(private readonly store: Store) {}

  update(): void {
    const { state } = this.store;
    const failed = failedTries(state);
    const visible = failed.length > 0 && state.phase !== "failed";
    show(this.el, visible);
    if (visible && state.attempts !== this.#shown) {
      this.#shown = state.attempts;
      this.el.replaceChildren(attemptTable(failed));
    }
  }
}

/** Returns the failed attempts; those that the error lists take precedence. */
export function failedTries({ attempts, error }: State): AttemptError[] {
  if (error?.attempts.length) return error.attempts;
  return attempts.flatMap((attempt) => attempt.error ?? []);
}

export function attemptTable(tries: AttemptError[]): HTMLElement {
  const heads = ["Registry", "Attempt", "Error"].map((text) => h("th", { scope: "col" }, text));
  const rows = tries.map(({ registry, number, kind, message }) =>
    h(
      "tr",
      {},
      h("td", {}, h("bdi", {}, registry)),
      h("td", {}, String(number)),
      h("td", {}, h("code", {}, kind), " ", h("bdi", {}, message)),
    ),
  );
  return h(
    "table.iw-attempts",
    { "aria-label": "Failed attempts" },
    h("thead", {}, h("tr", {}, ...heads)),
    h("tbody", {}, ...rows),
  );
}

export const attemptText = ({ reference, number, kind, message }: AttemptError): string =>
  `  ${reference} (attempt ${number}): ${kind}: ${message}`;
