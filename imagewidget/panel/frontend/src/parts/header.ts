// The header: image, source, progress, speed and time; and Cancel.
import { Bar } from "../kit/bar";
import { Button, copyButton } from "../kit/button";
import { h, type Row, Rows, setAttribute, setText, show } from "../kit/dom";
import { bytes, duration, left, percent, plural, progress, shortId, speed } from "../kit/format";
import { type IconName, icon, setIcon } from "../kit/icons";
import { isFinal, type Store } from "../store/store";
import type { Image, State } from "../wire";
import { doneOf, sign } from "./words";

const ICONS: Record<string, IconName> = { pull: "download", build: "build", provision: "layers" };
const UNHEARD =
  "The kernel is busy and has not responded yet. " +
  "Interrupting it (■ in the toolbar) also cancels the job.";

interface Fact {
  name: string;
  text: string;
}

export class Header {
  readonly el: HTMLElement;
  #kind = icon("download");
  #reference = h("bdi.iw-reference");
  #source = h("bdi.iw-source");
  #chipIcon = icon("clock");
  #chipWord = h("span");
  #chip = h("span.iw-chip", {}, this.#chipIcon, this.#chipWord);
  #cancel: Button;
  #bar = new Bar("iw-overall-bar");
  #percent = h("span.iw-percent", { "aria-hidden": "true" });
  #overall = h("div.iw-overall", {}, this.#bar.el, this.#percent);
  #factList = h("ul.iw-facts", { "aria-label": "Progress details" });
  #facts = new Rows<Fact>(this.#factList, makeFact);
  #note = h("p.iw-note", { hidden: true }, UNHEARD);
  #result: Result;

  constructor(private readonly store: Store) {
    this.#cancel = new Button("stop", "Cancel", () => store.cancel());
    this.#result = new Result(store);
    this.el = h(
      "div.iw-header",
      {},
      h(
        "div.iw-title",
        {},
        h("span.iw-what", {}, this.#kind, this.#reference, this.#source),
        this.#chip,
        this.#cancel.el,
      ),
      this.#overall,
      this.#factList,
      this.#note,
      this.#result.el,
    );
  }

  update(): void {
    const { store } = this;
    const { state } = store;
    setIcon(this.#kind, ICONS[state.operation] ?? "download");
    setText(this.#reference, state.reference || title(store));
    const source = shownSource(state);
    setText(this.#source, source && `· ${sourceName(source)}`);
    const { word, icon: name, tone } = sign(store);
    setText(this.#chipWord, word);
    setIcon(this.#chipIcon, name);
    setAttribute(this.#chip, "data-tone", tone);
    this.#updateCancel(state);
    this.#updateBar(state, tone);
    this.#facts.update(facts(state), (fact) => fact.name);
    this.#result.update();
  }

  #updateCancel(state: State): void {
    const asked = this.store.asking.cancel.isWaiting || state.phase === "cancelling";
    const visible = this.store.isKnown && !this.store.isOver;
    show(this.#cancel.el, visible);
    this.#cancel.label(asked ? "Cancelling" : "Cancel", asked ? "spinner" : "stop");
    this.#cancel.dim(asked);
    show(this.#note, visible && this.store.asking.cancel.isUnheard);
  }

  #updateBar(state: State, tone: string): void {
    const over = this.store.isOver;
    show(this.#overall, !(state.phase === "done" && state.image !== null));
    const value = over ? (state.fraction ?? 0) : state.fraction;
    this.#bar.set({ label: "Overall progress", value, text: barText(state), tone });
    setText(this.#percent, value === null || (over && !state.fraction) ? "" : percent(value));
  }
}

/** The resulting image: its ID and digest, its size, and how long it took. */
class Result {
  readonly el = h("dl.iw-result", { hidden: true });
  #id = this.#add("Image ID", (image) => image.id.replace(/^sha256:/, ""));
  #digest = this.#add("Digest", (image) => image.digest ?? "");
  #size = this.#add("Size");
  #time = this.#add("Time");
  #source = this.#add("Source");
  #engine = this.#add("Engine");

  constructor(private readonly store: Store) {}

  /** Adds a row and returns a function that sets its value; a row without a value is hidden. */
  #add(name: string, copied?: (image: Image) => string): (text: string, title?: string) => void {
    const value = h("bdi");
    const description = h("dd", {}, value);
    if (copied) {
      const get = () => (this.store.state.image ? copied(this.store.state.image) : "");
      description.append(copyButton(name, get).el);
    }
    const row = h("div", {}, h("dt", {}, name), description);
    this.el.append(row);
    return (text, title) => {
      setText(value, text);
      setAttribute(value, "title", title);
      show(row, text !== "");
    };
  }

  update(): void {
    const { state } = this.store;
    const { image } = state;
    show(this.el, image !== null);
    if (!image) return;
    const { digest } = image;
    this.#id(shortId(image.id), image.id);
    this.#digest(digest ? `sha256:${shortId(digest)}…` : "", digest ?? "");
    this.#size(bytes(image.size));
    this.#time(duration(state.elapsed));
    this.#source(sourceName(image.source));
    this.#engine(engineName(state));
  }
}

function makeFact({ name }: Fact): Row<Fact> {
  const el = h("li", { "data-fact": name });
  return { el, update: ({ text }) => setText(el, text) };
}

function title({ state, isKnown }: Store): string {
  if (!isKnown) return "Connecting";
  return state.operation === "build" ? "Untagged build" : "No image yet";
}

/** Leaves out "built locally" until the build has finished. */
const shownSource = ({ source, image }: State): string =>
  source === "build" && image === null ? "" : source;

/** Describes where an image comes from. */
export function sourceName(source: string): string {
  if (source === "local") return "local cache";
  return source === "build" ? "built locally" : source;
}

function barText(state: State): string {
  const share = state.fraction === null ? "" : percent(state.fraction);
  if (state.bytes_total <= 0) return share;
  return `${share}, ${progress(state.bytes_done, state.bytes_total, state.total_is_final)}`;
}

function facts(state: State): Fact[] {
  if (state.phase === "done" && state.image) return [];
  const found: Fact[] = [];
  const add = (name: string, text: string | false | undefined) => {
    if (text) found.push({ name, text });
  };
  const attempt = isFinal(state) ? undefined : state.attempts.at(-1);
  // The steps show a build's progress; its bytes matter only while they are being transferred.
  const isComing = state.steps.length === 0 || state.bytes_done < state.bytes_total;
  add(
    "bytes",
    state.bytes_total > 0 &&
      isComing &&
      progress(state.bytes_done, state.bytes_total, state.total_is_final),
  );
  add(
    "steps",
    state.steps.length > 0 && `${doneOf(state.steps)} of ${plural(state.steps.length, "step")}`,
  );
  add("speed", state.speed !== null && speed(state.speed));
  add("eta", state.eta !== null && !isFinal(state) && left(state.eta));
  add("elapsed", state.elapsed > 0 && `${duration(state.elapsed)} elapsed`);
  add("attempt", attempt && attempt.limit > 1 && `attempt ${attempt.number} of ${attempt.limit}`);
  add("engine", engineName(state));
  return found;
}

const BUILDERS: Record<string, string> = { buildkit: "BuildKit", classic: "classic builder" };

const engineName = ({ engine, builder }: State): string =>
  [engine, BUILDERS[builder]].filter(Boolean).join(", ");
