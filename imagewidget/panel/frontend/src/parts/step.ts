// One step of a build: a row with its bar on the timeline, and the details that open below it.
import { Bar } from "../kit/bar";
import {
  h,
  prose,
  type Row,
  Rows,
  setAttribute,
  setStyle,
  setText,
  show,
  uniqueId,
} from "../kit/dom";
import { duration, plural, progress } from "../kit/format";
import { icon, setIcon } from "../kit/icons";
import type { Find } from "../store/log/find";
import { Log } from "../store/log/log";
import type { Store } from "../store/store";
import type { Step, Transfer } from "../wire";
import { LogView } from "./log/log";
import { sourceLines } from "./source";
import type { Span } from "./timeline";
import { STEPS } from "./words";

const LINES_SHOWN = 10;
const TRANSFERS_SHOWN = 6;

export class StepRow implements Row<Step> {
  readonly el: HTMLElement;
  #sign = icon("clock");
  #stage = h("span");
  #number = h("span");
  #keyword = h("b");
  #internal = h("em");
  #rest = h("bdi");
  #name = h("span.iw-step-name", {}, this.#internal, this.#keyword, this.#rest);
  #badge = h("span.iw-badge");
  #warnings = h("span.iw-badge", { hidden: true, "data-tone": "warn" });
  #gantt = h("i");
  #time = h("span.iw-step-time");
  #transferList = h("ul.iw-transfers", { hidden: true });
  #transfers = new Rows<Transfer>(this.#transferList, makeTransfer);
  #detail = h("div.iw-step-detail", { hidden: true, id: uniqueId("step") });
  #button: HTMLButtonElement;
  #opened: Opened | null = null;
  #index = 0;

  constructor(
    private readonly store: Store,
    private readonly span: () => Span,
  ) {
    this.#button = h(
      "button.iw-step-button",
      { type: "button", "aria-controls": this.#detail.id, "aria-expanded": "false" },
      this.#sign,
      h("span.iw-step-label", {}, this.#stage, " ", this.#number),
      this.#name,
      h("span.iw-step-badges", {}, this.#badge, this.#warnings),
      h("span.iw-gantt", { "aria-hidden": "true" }, this.#gantt),
      this.#time,
      icon("chevron"),
    );
    this.#button.addEventListener("click", () => {
      this.store.memory.folds.set(this.#key, !this.#opened);
      this.store.changed();
    });
    this.el = h("li.iw-step", {}, this.#button, this.#transferList, this.#detail);
  }

  update(step: Step, index: number): void {
    this.#index = index;
    const { word, icon: name, tone } = STEPS[step.status];
    setIcon(this.#sign, name);
    setAttribute(this.el, "data-tone", tone);
    setAttribute(this.el, "data-status", step.status);
    // `build 3/7`, as BuildKit writes it in brackets.
    setText(this.#stage, step.stage);
    setText(this.#number, [step.number, step.count].filter((part) => part !== null).join("/"));
    const [keyword, rest] = splitKeyword(step.name);
    const isInternal = keyword.startsWith("[");
    setText(this.#internal, isInternal ? keyword : "");
    setText(this.#keyword, isInternal ? "" : keyword);
    setText(this.#rest, rest);
    setAttribute(this.#name, "title", step.name);
    this.#badge.classList.toggle("iw-hidden", step.status === "done"); // the icon shows it
    setText(this.#badge, word);
    setAttribute(this.#badge, "data-tone", tone);
    show(this.#warnings, step.warnings > 0);
    setText(this.#warnings, plural(step.warnings, "warning"));
    const timed = step.duration !== null && step.status !== "cached";
    setText(this.#time, timed ? duration(step.duration ?? 0) : "");
    this.#updateGantt(step);
    this.#open(this.store.memory.folds.get(this.#key) ?? step.status === "failed");
    this.#updateTransfers(step);
    this.#opened?.update(step);
  }

  dispose(): void {
    this.#opened?.dispose();
  }

  get #key(): string {
    return `step ${this.store.run} ${this.#index}`;
  }

  #updateGantt(step: Step): void {
    const { start, length } = this.span();
    const begun = step.started === null ? 0 : (step.started - start) / length;
    const took = step.started === null ? 0 : Math.max((step.duration ?? 0) / length, 0.006);
    const transform = `translateX(${(begun * 100).toFixed(2)}%) scaleX(${took.toFixed(4)})`;
    setStyle(this.#gantt, "transform", transform);
  }

  #updateTransfers(step: Step): void {
    const moving = step.status === "running" || this.#opened !== null;
    show(this.#transferList, moving && step.transfers.length > 0);
    if (!moving) return;
    const wanted = this.#opened
      ? step.transfers
      : step.transfers.filter((transfer) => !transfer.is_complete).slice(0, TRANSFERS_SHOWN);
    this.#transfers.update(wanted, (transfer) => transfer.id);
  }

  #open(open: boolean): void {
    if (open === (this.#opened !== null)) return;
    setAttribute(this.#button, "aria-expanded", String(open));
    show(this.#detail, open);
    if (open) this.#opened = new Opened(this.store, this.#index, this.#detail);
    else {
      this.#opened?.dispose();
      this.#opened = null;
      this.#detail.replaceChildren();
    }
  }
}

/** The details of an open step: its error, its source lines, and its log. */
class Opened {
  #error = h("p.iw-step-error", { hidden: true });
  #errorShown: string | null = null;
  #source = h("div");
  #sourceShown: unknown = null;
  #nothing = h("p.iw-quiet", { hidden: true }, "This step produced no output.");
  #find: Find;
  #log: LogView;

  constructor(
    private readonly store: Store,
    index: number,
    parent: HTMLElement,
  ) {
    this.#find = Log.of(store).lines.find("", index);
    this.#log = new LogView(store, "Log of this step", () => {}, this.#find);
    parent.append(this.#error, this.#source, this.#nothing, this.#log.list.el);
  }

  update(step: Step): void {
    show(this.#error, step.error !== null);
    if (step.error !== this.#errorShown) {
      this.#errorShown = step.error;
      this.#error.replaceChildren(...prose(step.error ?? ""));
    }
    const { error } = this.store.state;
    if (step.status === "failed" && error && error !== this.#sourceShown) {
      this.#sourceShown = error;
      this.#source.replaceChildren(...sourceLines(error));
    }
    const lines = this.#find.count;
    show(this.#log.list.el, lines > 0);
    show(this.#nothing, lines === 0 && this.#find.isComplete && step.error === null);
    if (lines > 0) this.#log.draw(LINES_SHOWN);
  }

  dispose(): void {
    Log.of(this.store).lines.forget(this.#find);
    this.#log.dispose();
  }
}

/** Splits off a Dockerfile instruction, or BuildKit's `[internal]`, from a step's name. */
export function splitKeyword(name: string): [keyword: string, rest: string] {
  const found = /^([A-Z]{2,}|\[[a-z ]+\])(?=\s)/.exec(name);
  return found ? [found[0], name.slice(found[0].length)] : ["", name];
}

function makeTransfer(): Row<Transfer> {
  const name = h("bdi.iw-transfer-name");
  const size = h("span.iw-transfer-size");
  const bar = new Bar();
  return {
    el: h("li.iw-transfer", {}, name, bar.el, size),
    update: (transfer) => {
      const { current, total, is_complete: complete, in_bytes: inBytes } = transfer;
      const share = total ? Math.min(1, current / total) : null;
      const text = complete && !total ? "done" : inBytes ? progress(current, total) : "";
      setText(name, transfer.name);
      setAttribute(name, "title", transfer.name);
      setText(size, text);
      bar.set({
        label: transfer.name,
        value: complete ? 1 : share,
        second: complete ? 1 : 0,
        text,
        tone: complete ? "ok" : "busy",
      });
    },
  };
}
