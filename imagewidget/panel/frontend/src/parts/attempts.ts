// Every try that failed, with its registry.
import { h } from "../kit/dom";
import type { AttemptError, State } from "../wire";

/** The tries that failed so far; an error that names its own knows best. */
export function failedTries({ attempts, error }: State): AttemptError[] {
  if (error?.attempts.length) return error.attempts;
  return attempts.flatMap((attempt) => attempt.error ?? []);
}

export function attemptTable(tries: AttemptError[]): HTMLElement {
  const heads = ["Registry", "Try", "What happened"].map((text) => h("th", { scope: "col" }, text));
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
    { "aria-label": "Attempts" },
    h("thead", {}, h("tr", {}, ...heads)),
    h("tbody", {}, ...rows),
  );
}

export const attemptText = ({ reference, number, kind, message }: AttemptError): string =>
  `  ${reference} (try ${number}): ${kind}: ${message}`;
