// What failed, what to try, what was tried, and Retry.
import { lineNodes } from "./ansi";
import { Button, copyButton } from "./button";
import { h, setText, show } from "./dom";
import { icon } from "./icons";
import { sourceLines } from "./source";
import type { Store } from "./store";
import type { AttemptError, ErrorInfo } from "./wire";

export class ErrorCard {
  readonly el: HTMLElement;
  #title = h("p.iw-error-title");
  #body = h("div.iw-error-body");
  #retry: Button;
  #shown: unknown = null;
  #asked = false;

  constructor(private readonly store: Store) {
    this.#retry = new Button("retry", "Retry", () => {
      this.#asked = true;
      store.retry();
      store.changed();
    });
    const copy = copyButton("the error", () => errorText(store.state.error));
    this.el = h(
      "div.iw-error",
      { role: "group", "aria-label": "Error", hidden: true },
      icon("warning"),
      h(
        "div.iw-error-main",
        {},
        this.#title,
        this.#body,
        h("div.iw-error-actions", {}, this.#retry.el, copy.el),
      ),
    );
  }

  update(): void {
    const { state, link } = this.store;
    const cancelled = state.phase === "cancelled";
    const visible = state.phase === "failed" || cancelled;
    show(this.el, visible);
    if (!visible) {
      this.#shown = null;
      this.#asked = false;
      return;
    }
    show(this.#retry.el, link !== "gone");
    this.#retry.label(this.#asked ? "Retrying" : "Retry");
    const shown = state.error ?? state.phase;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.el.dataset.tone = cancelled ? "idle" : "bad";
    setText(
      this.#title,
      cancelled ? "Cancelled before it ended." : (state.error?.message ?? "Failed."),
    );
    const inSteps = state.steps.some((step) => step.status === "failed");
    this.#body.replaceChildren(...(state.error && !cancelled ? body(state.error, inSteps) : []));
  }
}

function body(error: ErrorInfo, inSteps: boolean): Node[] {
  const nodes: Node[] = [];
  if (error.hint) nodes.push(h("p.iw-hint", {}, error.hint));
  if (error.attempts.length > 0) nodes.push(attemptTable(error.attempts));
  if (!inSteps) nodes.push(...sourceLines(error));
  if (error.log_tail.length > 0) nodes.push(logTail(error.log_tail));
  return nodes;
}

function logTail(lines: string[]): HTMLElement {
  const pre = h("pre.iw-tail", { tabindex: 0, role: "group", "aria-label": "Last lines" });
  for (const [index, line] of lines.entries()) {
    if (index > 0) pre.append("\n");
    pre.append(...lineNodes(line));
  }
  return h("figure", {}, h("figcaption", {}, "Last lines"), pre);
}

export function attemptTable(attempts: AttemptError[]): HTMLElement {
  const heads = ["Registry", "Try", "What happened"].map((text) => h("th", { scope: "col" }, text));
  const rows = attempts.map(({ registry, number, kind, message }) =>
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

function errorText(error: ErrorInfo | null): string {
  if (!error) return "";
  const attempts = error.attempts.map(
    ({ reference, number, kind, message }) => `  ${reference} (try ${number}): ${kind}: ${message}`,
  );
  return [`${error.kind}: ${error.message}`, error.hint, ...attempts, ...error.log_tail]
    .filter(Boolean)
    .join("\n");
}
