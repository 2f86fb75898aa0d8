// Every failed attempt, with its registry.
import { h } from "../kit/dom";
import type { AttemptError, State } from "../wire";

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
