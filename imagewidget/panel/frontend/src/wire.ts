// The messages between kernel and browser. The twin of ../../wire.py and ../../view_requests.py;
// both sides are tested with the messages in tests/fixtures/wire/.

export const VERSION = 1;
export const MOST_LINES = 500; // the most log lines in one answer

export type Phase =
  | "queued"
  | "checking"
  | "pulling"
  | "extracting"
  | "building"
  | "retrying"
  | "cancelling"
  | "done"
  | "failed"
  | "cancelled";

export type LayerPhase =
  | "queued"
  | "downloading"
  | "verifying"
  | "downloaded"
  | "extracting"
  | "done"
  | "cached"
  | "retrying"
  | "stopped";

export type StepStatus = "pending" | "running" | "cached" | "done" | "failed" | "cancelled";

export interface Layer {
  id: string;
  phase: LayerPhase;
  current: number;
  total: number | null;
  extracted: number;
  extract_total: number | null;
  extract_seconds: number | null;
  speed: number | null;
}

export interface Transfer {
  id: string;
  name: string;
  current: number;
  total: number | null;
  is_complete: boolean;
  in_bytes: boolean;
}

export interface Step {
  id: string; // the first digits of the step's digest
  name: string;
  status: StepStatus;
  stage: string;
  number: number | null;
  count: number | null;
  started: number | null;
  duration: number | null;
  error: string | null;
  warnings: number;
  transfers: Transfer[];
}

export interface AttemptError {
  registry: string;
  reference: string;
  number: number;
  kind: string;
  message: string;
}

export interface Attempt {
  registry: string;
  reference: string;
  number: number;
  limit: number;
  error: AttemptError | null;
}

export interface Warning {
  message: string;
  detail: string;
  url: string;
  step: string | null;
  dockerfile_line: number | null;
}

export interface Image {
  id: string;
  reference: string;
  digest: string | null;
  size: number;
  source: string;
  download_size: number | null;
}

export interface SourceLine {
  number: number;
  text: string;
  is_failing: boolean;
}

export interface ErrorInfo {
  kind: string;
  message: string;
  hint: string;
  log_tail: string[];
  step: string | null;
  exit_code: number | null;
  dockerfile_line: number | null;
  source_lines: SourceLine[];
  attempts: AttemptError[];
  diagnosis: Diagnosis | null;
}

export interface Diagnosis {
  name: string;
  summary: string;
  advice: string;
  because: string;
}

export interface Scalars {
  operation: string;
  reference: string;
  engine: string;
  builder: string;
  source: string;
  phase: Phase;
  fraction: number | null;
  bytes_done: number;
  bytes_total: number;
  total_is_final: boolean;
  speed: number | null;
  eta: number | null;
  elapsed: number;
  retry_in: number | null;
  stalled_for: number | null;
  attempts: Attempt[];
  warnings: Warning[];
  more_warnings: number;
  log_length: number;
  image: Image | null;
  error: ErrorInfo | null;
}

export interface State extends Scalars {
  layers: Layer[];
  steps: Step[];
}

type Row<T> = [index: number, changed: Partial<T>];
type StepChange = Partial<Omit<Step, "transfers">> & {
  transfers?: Row<Transfer>[];
  transfer_count?: number;
};
/** `[number, text, step index or -1, stream]`; the last two are optional. */
export type WireLine = [number: number, text: string, step?: number, stream?: number];

export interface Frame {
  v: number;
  type: "snapshot" | "frame";
  run: number;
  seq: number;
  set?: Partial<Scalars>;
  layers?: Row<Layer>[];
  layer_count?: number;
  steps?: [index: number, changed: StepChange][];
  step_count?: number;
  lines?: WireLine[];
  open?: WireLine | null;
}

export interface LinesAnswer {
  v: number;
  type: "lines";
  run: number;
  start: number;
  stop: number;
  lines: WireLine[];
}

export interface FoundAnswer {
  v: number;
  type: "found";
  run: number;
  id: number;
  start: number;
  stop: number;
  ranges: [first: number, last: number][];
}

export interface DownloadAnswer {
  v: number;
  type: "download";
  run: number;
  id: number;
  part: number;
  last: boolean;
}

export type Message = Frame | LinesAnswer | FoundAnswer | DownloadAnswer;

export type Request =
  | { type: "hello" }
  | { type: "follow"; on: boolean }
  | { type: "cancel"; run: number }
  | { type: "retry"; run: number }
  | { type: "lines"; start: number; stop: number }
  | { type: "find"; id: number; query: string; step: number | null; start: number }
  | { type: "download"; id: number; part: number }
  | { type: "module"; name: string };

export type Sent = Request & { v: number };

const KINDS = new Set(["snapshot", "frame", "lines", "found", "download"]);

export function envelope(request: Request): Sent {
  return { v: VERSION, ...request };
}

/** Reads a message from the kernel; null if this version does not understand it. */
export function readMessage(content: unknown): Message | null {
  if (typeof content !== "object" || content === null) return null;
  const { v, type, run } = content as Record<string, unknown>;
  if (v !== VERSION || typeof type !== "string" || !KINDS.has(type)) return null;
  return typeof run === "number" ? (content as Message) : null;
}

export function emptyState(): State {
  return {
    operation: "pull",
    reference: "",
    engine: "",
    builder: "",
    source: "",
    phase: "queued",
    fraction: null,
    bytes_done: 0,
    bytes_total: 0,
    total_is_final: false,
    speed: null,
    eta: null,
    elapsed: 0,
    retry_in: null,
    stalled_for: null,
    attempts: [],
    warnings: [],
    more_warnings: 0,
    log_length: 0,
    image: null,
    error: null,
    layers: [],
    steps: [],
  };
}

export const emptyLayer = (): Layer => ({
  id: "",
  phase: "queued",
  current: 0,
  total: null,
  extracted: 0,
  extract_total: null,
  extract_seconds: null,
  speed: null,
});

const emptyTransfer = (): Transfer => ({
  id: "",
  name: "",
  current: 0,
  total: null,
  is_complete: false,
  in_bytes: true,
});

export const emptyStep = (): Step => ({
  id: "",
  name: "",
  status: "pending",
  stage: "",
  number: null,
  count: null,
  started: null,
  duration: null,
  error: null,
  warnings: 0,
  transfers: [],
});

/** Applies a frame to `state`, in place; layers and steps that changed become new objects. */
export function applyFrame(state: State, frame: Frame): State {
  Object.assign(state, frame.set);
  state.layers = applyRows(state.layers, frame.layers, frame.layer_count, emptyLayer);
  const steps = frame.steps?.map(([index, change]): Row<Step> => {
    const { transfers, transfer_count, ...rest } = change;
    if (!transfers && transfer_count === undefined) return [index, rest];
    const before = state.steps[index]?.transfers ?? [];
    return [
      index,
      { ...rest, transfers: applyRows(before, transfers, transfer_count, emptyTransfer) },
    ];
  });
  state.steps = applyRows(state.steps, steps, frame.step_count, emptyStep);
  return state;
}

function applyRows<T>(
  items: T[],
  rows: Row<T>[] | undefined,
  count: number | undefined,
  empty: () => T,
): T[] {
  if (!rows && count === undefined) return items;
  const result = count === undefined ? items.slice() : items.slice(0, count);
  for (const [index, changed] of rows ?? []) {
    result[index] = { ...(result[index] ?? empty()), ...changed };
  }
  return result;
}
