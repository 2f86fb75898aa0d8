// The error: its message and hint, the failed attempts, and Retry.
import { lineNodes } from "../kit/ansi";
import { Button, copyButton } from "../kit/button";
import { h, prose, show } from "../kit/dom";
import { icon } from "../kit/icons";
import type { Store } from "../store/store";
import type { State } from "../wire";
import { attemptTable, attemptText, failedTries } from "./attempts";
import { sourceLines } from "./source";

export class ErrorCard {
  readonly el: HTMLElement;
  #title = h("p.iw-error-title");
  #body = h("div.iw-error-body");
  #retry: Button;
  #shown: unknown = null;

  constructor(private readonly store: Store) {
    this.#retry = new Button("retry", "Retry", () => store.retry());
    const copy = copyButton("the error", () => errorText(store.state));
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
      return;
    }
    show(this.#retry.el, link !== "gone");
    this.#retry.label(this.store.asking.retry.isWaiting ? "Retrying" : "Retry");
    const shown = state.error ?? state.phase;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.el.dataset.tone = cancelled ? "idle" : "bad";
    const title = cancelled ? "Cancelled before it finished." : (state.error?.message ?? "Failed.");
    this.#title.replaceChildren(...prose(title));
    this.#body.replaceChildren(...(cancelled ? [] : body(state)));
  }
}

function body(state: State): Node[] {
  const { error, steps } = state;
  const tries = failedTries(state);
  const nodes: Node[] = [];
  if (error?.hint) nodes.push(h("p.iw-hint", {}, ...prose(error.hint)));
  if (tries.length > 0) nodes.push(attemptTable(tries));
  // A failed step shows the source lines itself.
  const isInSteps = steps.some((step) => step.status === "failed");
  if (error && !isInSteps) nodes.push(...sourceLines(error));
  if (error && error.log_tail.length > 0) nodes.push(logTail(error.log_tail));
  return nodes;
}

function logTail(lines: string[]): HTMLElement {
  const pre = h("pre.iw-tail", { tabindex: 0, role: "group", "aria-label": "Last log lines" });
  for (const [index, line] of lines.entries()) {
    if (index > 0) pre.append("\n");
    pre.append(...lineNodes(line));
  }
  return h("figure", {}, h("figcaption", {}, "Last log lines"), pre);
}

function errorText(state: State): string {
  const { error } = state;
  if (!error) return "";
  const tries = failedTries(state).map(attemptText);
  return [`${error.kind}: ${error.message}`, error.hint, ...tries, ...error.log_tail]
    .filter(Boolean)
    .join("\n");
}
