// @vitest-environment happy-dom
// The parts that show a state: header, steps, error card, notices, folds.
import { afterEach, expect, it } from "vitest";
import { Fold } from "../src/kit/fold";
import { lightness } from "../src/kit/theme";
import { ErrorCard } from "../src/parts/errorcard";
import { Header } from "../src/parts/header";
import { Notices, Warnings } from "../src/parts/notices";
import { Steps } from "../src/parts/steps";
import { timeOf } from "../src/parts/timeline";
import { sign, spoken } from "../src/parts/words";
import type { Store } from "../src/store/store";
import type { ErrorInfo, Image, State } from "../src/wire";
import { type FakeModel, snapshot, step, storeOf } from "./helpers";

const opened: Store[] = [];

function open(state: Partial<State>): Store {
  const store = storeOf(state);
  opened.push(store);
  return store;
}

afterEach(() => {
  for (const store of opened.splice(0)) store.dispose();
});

const plain = (element: Element | null | undefined) =>
  element?.textContent?.replaceAll("\u00a0", " ");

const IMAGE: Image = {
  id: `sha256:${"ab".repeat(32)}`,
  reference: "owner/env:1",
  digest: null,
  size: 45_600_000,
  source: "ghcr.io",
};

const ERROR: ErrorInfo = {
  kind: "NotFound",
  message: "no <b>such</b> image",
  hint: "Check the name.",
  log_tail: ["\x1b[31mlast\x1b[0m line"],
  step: null,
  exit_code: null,
  dockerfile_line: null,
  source_lines: [],
  attempts: [],
};

it("says how far, how fast, how long", () => {
  const header = new Header(
    open({
      fraction: 0.25,
      bytes_done: 1_000_000,
      bytes_total: 4_000_000,
      total_is_final: true,
      speed: 500_000,
      eta: 6,
      elapsed: 2,
    }),
  );
  header.update();
  const figures = [...header.el.querySelectorAll(".iw-facts li")].map(plain);
  expect(figures).toEqual(["1.00 / 4.00 MB", "500 kB/s", "6 s left", "2.0 s elapsed"]);
  expect(plain(header.el.querySelector(".iw-percent"))).toBe("25 %");
});

it("leaves out the bytes of a build once they are all there", () => {
  const store = open({ steps: [step()], bytes_done: 64, bytes_total: 64, total_is_final: true });
  const header = new Header(store);
  header.update();
  expect(header.el.querySelector("[data-fact=bytes]")).toBeNull();
  store.state.bytes_done = 32;
  header.update();
  expect(plain(header.el.querySelector("[data-fact=bytes]"))).toBe("32 / 64 B");
});

it("asks the kernel to cancel once it is clicked, and says what it waits for", () => {
  const store = open({});
  const header = new Header(store);
  header.update();
  const cancel = header.el.querySelector<HTMLButtonElement>("button");
  expect(plain(cancel)).toContain("Cancel");
  cancel?.click();
  header.update();
  expect((store.model as FakeModel).kinds().at(-1)).toBe("cancel");
  expect(plain(cancel)).toContain("Cancelling");
  store.cancelAsked = 3;
  header.update();
  expect(header.el.querySelector<HTMLElement>(".iw-note")?.hidden).toBe(false);
});

it("names the image that came of it", () => {
  const header = new Header(open({ phase: "done", image: IMAGE, elapsed: 65 }));
  header.update();
  const shown = [...header.el.querySelectorAll<HTMLElement>(".iw-result > div")]
    .filter(({ hidden }) => !hidden)
    .map((row) => plain(row.querySelector("bdi")));
  expect(shown).toEqual(["abababababab", "45.6 MB", "1 m 05 s", "ghcr.io"]);
});

it("calls a job whose kernel is gone interrupted, and one that ended by its end", () => {
  const store = open({});
  store.setAlive(false);
  expect(sign(store).word).toBe("Interrupted");
  store.state.phase = "done";
  expect(sign(store).word).toBe("Done");
});

it.each<[Partial<State>, string]>([
  [{ phase: "retrying", retry_in: 1.2 }, "Retrying in 2 s"],
  [{ stalled_for: 12.7 }, "Stalled for 12 s"],
  [{ operation: "build" }, "Pulling base image"],
  [{ phase: "checking" }, "Checking local images"],
])("has a word for %j", (state, word) => {
  expect(sign(open(state)).word.replaceAll("\u00a0", " ")).toBe(word);
});

it("speaks of phases, not of figures", () => {
  const state = open({ source: "ghcr.io" }).state;
  expect(spoken(state)).toBe("Pulling owner/env:1 from ghcr.io");
  expect(spoken({ ...state, phase: "failed", error: ERROR })).toBe(`Failed: ${ERROR.message}`);
});

it("shows what failed and what to try, as text", () => {
  const store = open({ phase: "failed", error: ERROR });
  const card = new ErrorCard(store);
  card.update();
  expect(plain(card.el.querySelector(".iw-error-title"))).toBe("no <b>such</b> image");
  expect(plain(card.el.querySelector(".iw-hint"))).toBe("Check the name.");
  expect(plain(card.el.querySelector(".iw-tail"))).toBe("last line");
  card.el.querySelector<HTMLButtonElement>(".iw-error-actions button")?.click();
  expect((store.model as FakeModel).kinds().at(-1)).toBe("retry");
});

it("offers no Retry where no kernel could obey", () => {
  const store = open({ phase: "cancelled" });
  const card = new ErrorCard(store);
  store.setAlive(false);
  card.update();
  expect(card.el.querySelector<HTMLButtonElement>("button")?.hidden).toBe(true);
});

const TRY = {
  registry: "ghcr.io",
  reference: "ghcr.io/owner/env:1",
  number: 1,
  kind: "ServerError",
  message: "500",
};
const tried = (message: string) => [{ ...TRY, limit: 3, error: { ...TRY, message } }];
const row = (part: { el: Element }) => plain(part.el.querySelector("tbody"));

it("keeps every try with its registry when the job fails for something else", () => {
  const card = new ErrorCard(open({ phase: "failed", error: ERROR, attempts: tried("500") }));
  card.update();
  expect(row(card)).toBe("ghcr.io1ServerError 500");
});

it("believes an error that names its own tries", () => {
  const error = { ...ERROR, attempts: [{ ...TRY, message: "mine" }] };
  const card = new ErrorCard(open({ phase: "failed", error, attempts: tried("500") }));
  card.update();
  expect(row(card)).toBe("ghcr.io1ServerError mine");
});

it("shows the tries and the warnings of this run, not of the last", () => {
  const warning = { detail: "", url: "", step: null, dockerfile_line: null };
  const store = open({ attempts: tried("OLD"), warnings: [{ ...warning, message: "OLD" }] });
  const parts = [new Notices(store), new Warnings(store)];
  for (const part of parts) part.update();
  store.run = 2;
  store.state = {
    ...store.state,
    attempts: tried("NEW"),
    warnings: [{ ...warning, message: "NEW" }],
  };
  for (const part of parts) {
    part.update();
    expect(plain(part.el)).toContain("NEW");
    expect(plain(part.el)).not.toContain("OLD");
  }
});

it("says Retrying in every view until the new run begins", () => {
  const store = open({ phase: "failed", error: ERROR });
  const cards = [new ErrorCard(store), new ErrorCard(store)];
  const words = () =>
    cards.map((card) => {
      card.update();
      return plain(card.el.querySelector(".iw-error-actions button"));
    });
  store.retry();
  expect(words()).toEqual(["Retrying", "Retrying"]);
  const failed = { phase: "failed", error: ERROR } as const;
  (store.model as FakeModel).receive(snapshot({ run: 2, set: failed })); // at once
  expect(words()).toEqual(["Retry", "Retry"]);
});

it("sets commands in hints and titles as code", () => {
  const error = { ...ERROR, message: "no `docker`", hint: "Run `docker <login>`." };
  const card = new ErrorCard(open({ phase: "failed", error }));
  card.update();
  expect([...card.el.querySelectorAll("p code")].map(plain)).toEqual(["docker", "docker <login>"]);
  expect(spoken({ ...open({}).state, phase: "failed", error })).toBe("Failed: no docker");
});

it("says only that it waits before anything was heard", () => {
  const store = open({ phase: "queued", reference: "" });
  store.run = 0;
  const header = new Header(store);
  header.update();
  expect(plain(header.el.querySelector(".iw-reference"))).toBe("Connecting");
  expect(plain(header.el.querySelector(".iw-chip"))).toBe("Waiting for the kernel");
  expect(header.el.querySelector<HTMLElement>("button")?.hidden).toBe(true);
});

it("calls built here only what is built, and counts only the steps that did what they should", () => {
  const steps = [step(), step({ status: "cached" }), step({ status: "failed" })];
  const store = open({ operation: "build", phase: "failed", source: "build", steps });
  const header = new Header(store);
  header.update();
  expect(plain(header.el.querySelector(".iw-source"))).toBe("");
  expect(plain(header.el.querySelector("[data-fact=steps]"))).toBe("2 of 3 steps");
  store.state = { ...store.state, phase: "done", image: { ...IMAGE, source: "build" } };
  header.update();
  expect(plain(header.el.querySelector(".iw-source"))).toBe("· built here");
});

it("counts attempts while there are any to come", () => {
  const store = open({ attempts: tried("500") });
  const header = new Header(store);
  const attempt = () => {
    header.update();
    return plain(header.el.querySelector("[data-fact=attempt]"));
  };
  expect(attempt()).toBe("attempt 1 of 3");
  store.state.phase = "failed";
  expect(attempt()).toBeUndefined();
});

it("keeps the word of a step that is done for those who do not see its icon", () => {
  const list = new Steps(open({ operation: "build", steps: [step()] }));
  list.update();
  const badge = list.el.querySelector<HTMLElement>(".iw-badge");
  expect(plain(badge)).toBe("done");
  expect(badge?.hidden).toBe(false);
  list.dispose();
});

it("lists the tries that failed while another is made", () => {
  const notices = new Notices(open({ attempts: tried("500") }));
  notices.update();
  expect(row(notices)).toBe("ghcr.io1ServerError 500");
});

it("links a warning to the web and to nothing else", () => {
  const warning = { message: "m", detail: "", step: null, dockerfile_line: 3 };
  const urls = ["https://example.org/rule", "javascript:alert(1)"];
  const warnings = new Warnings(open({ warnings: urls.map((url) => ({ ...warning, url })) }));
  warnings.update();
  const links = [...warnings.el.querySelectorAll("a")].map((link) => link.getAttribute("href"));
  expect(links).toEqual(["https://example.org/rule"]);
  expect(plain(warnings.el.querySelector("p"))).toBe("m (Dockerfile, line 3)");
});

it("says how many warnings there are besides those it lists", () => {
  const warning = { message: "m", detail: "", url: "", step: null, dockerfile_line: 3 };
  const warnings = new Warnings(open({ warnings: [warning], more_warnings: 1999 }));
  warnings.update();
  expect(plain(warnings.el)).toContain("2\u202f000");
  expect(plain(warnings.el)).toContain("and 1\u202f999 more");
});

it("shows a build's steps with their numbers, and counts what ended how", () => {
  const steps = [
    step({ status: "cached" }),
    step({ id: "2", stage: "web", number: 2, name: "RUN <script>", status: "running" }),
  ];
  const list = new Steps(open({ operation: "build", phase: "building", steps }));
  list.update();
  expect(plain(list.el.querySelector(".iw-fold-note"))).toBe("1 of 2 · 1 cached");
  expect([...list.el.querySelectorAll(".iw-step-name")].map(plain)).toContain("RUN <script>");
  expect([...list.el.querySelectorAll(".iw-step-label")].map(plain)).toEqual([" 1/2", "web 2/2"]);
  expect(list.el.querySelector("script")).toBeNull();
  list.dispose();
});

it("measures the steps on one clock", () => {
  expect(timeOf([])).toEqual({ start: 0, length: 1 });
  const steps = [step({ started: 2, duration: 1 }), step({ started: 4, duration: 6 })];
  expect(timeOf(steps)).toEqual({ start: 2, length: 8 });
});

it("remembers what the reader folded, for a view that is made anew", () => {
  const memory = new Map<string, boolean>();
  const fold = new Fold("Log", memory);
  fold.el.querySelector("button")?.click();
  expect(fold.body.hidden).toBe(true);
  expect(new Fold("Log", memory).isOpen).toBe(false);
});

it.each([
  ["rgb(255, 255, 255)", 1],
  ["rgb(0, 0, 0)", 0],
  ["color(srgb 1 1 1)", 1],
  ["oklch(0.9 0.1 250)", 0.9],
  ["rgba(0, 0, 0, 0)", null],
  ["transparent", null],
])("sees how light %s is", (colour, value) => {
  const found = lightness(colour);
  if (value === null) expect(found).toBeNull();
  else expect(found).toBeCloseTo(value);
});
