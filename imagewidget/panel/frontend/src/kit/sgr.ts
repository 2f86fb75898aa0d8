// Splits a line at its colour sequences (SGR; ECMA-48, 8.3.117) into pieces with their style.
// The twin of progress/text/sgr.py; both are tested with tests/fixtures/sgr.json.

/** An index into the 256 colours of xterm, or red, green and blue. */
export type Colour = number | readonly number[];

interface Style {
  foreground: Colour | null;
  background: Colour | null;
  /** One bit for each code that is on: `1 << 4` is underline, whose code is 4. */
  flags: number;
}

export interface Piece extends Readonly<Style> {
  readonly text: string;
}

const ESCAPE = "\x1b";
const SEQUENCE = new RegExp(`${ESCAPE}\\[([0-9;:]*)m`);
const BETWEEN = /[;:]/;
/** What a code colours, by its tens. */
const SIDES: Record<number, "foreground" | "background"> = {
  3: "foreground",
  4: "background",
  9: "foreground",
  10: "background",
};
/** The flags that a code switches off. */
const OFF: Record<number, number> = {
  22: (1 << 1) | (1 << 2),
  23: 1 << 3,
  24: 1 << 4,
  25: (1 << 5) | (1 << 6),
  27: 1 << 7,
  28: 1 << 8,
  29: 1 << 9,
};
/** How many parameters follow an extended code, by its kind. */
const ARGUMENTS: Record<string, number> = { 5: 2, 2: 4 };
const LONGEST = 24;
const BRIGHT = 90;

/** Splits a line. Only the sequences are left out, and no piece is empty. */
export function pieces(line: string): Piece[] {
  const found: Piece[] = [];
  const on: Style = { foreground: null, background: null, flags: 0 };
  for (const [place, part] of line.split(SEQUENCE).entries()) {
    const { foreground, background, flags } = on; // spreading `on` into a piece is slow
    if (place % 2 === 1) write(on, part.split(";"));
    else if (part) found.push({ text: part, foreground, background, flags });
  }
  return found;
}

/** Applies the parameters of a sequence to `on`; unknown codes change nothing. */
function write(on: Style, rest: string[]): void {
  for (let code = rest.shift(); code !== undefined; code = rest.shift()) {
    const number = Number.parseInt(code, 10) || 0;
    if (number === 38 || number === 48) extend(on, number, whole(code, rest));
    else if (number === 0) {
      on.foreground = on.background = null;
      on.flags = 0;
    } else if (number >= 10) change(on, number);
    else if (code.length <= LONGEST) on.flags |= 1 << number;
  }
}

function change(on: Style, number: number): void {
  on.flags &= ~(OFF[number] ?? 0);
  const side = SIDES[Math.floor(number / 10)];
  const ones = number % 10;
  if (side && ones < 8) on[side] = ones + (number >= BRIGHT ? 8 : 0);
  else if (side && number < BRIGHT) on[side] = null; // 39 and 49
}

function extend(on: Style, number: number, code: string): void {
  if (code.length <= LONGEST) on[number === 38 ? "foreground" : "background"] = colour(code);
}

/** Completes a code of 38 or 48 with the parameters that follow it; removes them from `rest`. */
function whole(code: string, rest: string[]): string {
  const count = code.includes(":") ? 0 : (ARGUMENTS[rest[0] ?? ""] ?? 0);
  return count > 0 ? `${code};${rest.splice(0, count).join(";")}` : code;
}

/**
 * Returns the colour that a code of 38 or 48 specifies; null if it is incomplete or out of range.
 * ITU T.416, which defines the form with colons, has a colour space before the red.
 */
function colour(code: string): Colour | null {
  const [, kind, ...values] = code.split(BETWEEN).map(Number);
  const [index = Infinity] = values;
  if (kind === 5 && index < 256) return index;
  if (kind !== 2 || values.length < 3) return null;
  return values.slice(-3).map((value) => Math.min(255, value));
}
