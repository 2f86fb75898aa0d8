// Figures in human-readable form. Sizes use decimal units, like Docker's.
// The twin of progress/text/figures.py; both are tested with tests/fixtures/figures.json.

const UNITS = ["B", "kB", "MB", "GB", "TB"];
const SPACE = "\u00a0";

/** `12.3 MB`: three significant digits. */
export function bytes(value: number): string {
  let unit = 0;
  let size = value;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${size.toFixed(digits)}${SPACE}${UNITS[unit]}`;
}

/** `12.3 / 45.6 MB`, `12.3 MB / ≥ 45.6 MB` or `12.3 MB`, as far as the total is known. */
export function progress(current: number, total: number | null, isFinal = true): string {
  const done = bytes(current);
  if (total === null || total <= 0) return done;
  const whole = bytes(total);
  const unit = done.slice(done.indexOf(SPACE));
  const same = whole.endsWith(unit) && isFinal;
  return `${same ? done.slice(0, -unit.length) : done} / ${isFinal ? "" : `≥${SPACE}`}${whole}`;
}

export const speed = (value: number): string => `${bytes(value)}/s`;

/** `0.4 s`, `12 s`, `1 m 05 s`, `2 h 03 m`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}${SPACE}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${SPACE}s`;
  const pad = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}${SPACE}m ${pad(whole % 60)}${SPACE}s`;
  const minutes = Math.floor(whole / 60);
  return `${Math.floor(minutes / 60)}${SPACE}h ${pad(minutes % 60)}${SPACE}m`;
}

/** The time left, rounded because it is only an estimate. */
export function left(seconds: number): string {
  if (seconds < 1) return "almost done";
  if (seconds < 60) return `${Math.ceil(seconds)}${SPACE}s left`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)}${SPACE}min left`;
  return `${Math.ceil(seconds / 360) / 10}${SPACE}h left`;
}

/** `45 %`; 100 % only once everything is done. */
export const percent = (fraction: number): string =>
  `${fraction >= 1 ? 100 : Math.min(99, Math.floor(fraction * 100))}${SPACE}%`;

const grouped = new Intl.NumberFormat("en");
export const count = (value: number): string => grouped.format(value).replaceAll(",", "\u202f");

/** `1 layer`, `12 layers`. */
export const plural = (value: number, word: string): string =>
  `${count(value)} ${word}${value === 1 ? "" : "s"}`;

export const shortId = (id: string): string => id.replace(/^sha256:/, "").slice(0, 12);
