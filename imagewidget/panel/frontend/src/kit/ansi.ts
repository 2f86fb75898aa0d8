// Renders a log line with its colours, and marks the search matches in it.
import { h } from "./dom";
import { type Colour, type Piece, pieces } from "./sgr";

// Only the hues: the style sheet adjusts the lightness so that they are legible in either theme.
const HUES = [
  "#57606a", // black
  "#e5534b", // red
  "#3fa34d", // green
  "#c69026", // yellow
  "#4184e4", // blue
  "#b65fc4", // magenta
  "#2b9aa9", // cyan
  "#8c959f", // white
];

// Without 8 (conceal): concealed text is still part of the log.
const FLAGS: [code: number, name: string][] = [
  [1, "bold"],
  [2, "dim"],
  [3, "italic"],
  [4, "underline"],
  [7, "reverse"],
  [9, "strikethrough"],
];

/** Returns the nodes of a line; every character outside a sequence ends up in a text node. */
export function lineNodes(text: string, query = ""): Node[] {
  const found = pieces(text);
  const marks = query ? matches(joined(found), query) : [];
  const nodes: Node[] = [];
  let offset = 0;
  for (const piece of found) {
    for (const [part, marked] of cut(piece.text, offset, marks)) {
      const node: Node = marked ? h("mark", {}, part) : document.createTextNode(part);
      nodes.push(styled(piece, node));
    }
    offset += piece.text.length;
  }
  return nodes;
}

export const plainText = (text: string): string => joined(pieces(text));

const joined = (found: Piece[]): string => found.map(({ text }) => text).join("");

function styled({ foreground, background, flags }: Piece, node: Node): Node {
  if (foreground === null && background === null && flags === 0) return node;
  const span = h("span", {}, node);
  paint(span, "fg", foreground);
  paint(span, "bg", background);
  for (const [code, name] of FLAGS) {
    if (flags & (1 << code)) span.classList.add(`iw-${name}`);
  }
  return span;
}

function paint(span: HTMLElement, side: "fg" | "bg", colour: Colour | null): void {
  if (colour === null) return;
  span.style.setProperty(`--iw-${side}-ansi`, css(colour));
  span.classList.add(`iw-${side}`);
}

/** Returns a colour as CSS. The indexed ones: 16 named colours, a 6 × 6 × 6 cube, then greys. */
function css(colour: Colour): string {
  if (typeof colour !== "number") return `rgb(${colour.join(" ")})`;
  if (colour < 16) return HUES[colour % 8] ?? "";
  const grey = 8 + 10 * (colour - 232);
  if (grey > 0) return `rgb(${grey} ${grey} ${grey})`;
  const level = (place: number) => {
    const value = Math.floor((colour - 16) / place) % 6;
    return value === 0 ? 0 : 55 + 40 * value;
  };
  return `rgb(${level(36)} ${level(6)} ${level(1)})`;
}

/** Finds `query`, ignoring case. Not with toLowerCase(): it makes some text longer, such as `İ`. */
function matches(text: string, query: string): [start: number, stop: number][] {
  const wanted = new RegExp(query.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "giu");
  return [...text.matchAll(wanted)].map(({ 0: { length }, index }) => [index, index + length]);
}

/** Cuts a piece, which begins at `offset` in the line, wherever a mark begins or ends. */
function* cut(
  text: string,
  offset: number,
  marks: [start: number, stop: number][],
): Iterable<[piece: string, marked: boolean]> {
  let at = 0;
  for (const [start, stop] of marks) {
    const from = Math.max(at, start - offset);
    const to = Math.min(text.length, stop - offset);
    if (to <= from) continue;
    if (from > at) yield [text.slice(at, from), false];
    yield [text.slice(from, to), true];
    at = to;
  }
  if (at < text.length) yield [text.slice(at), false];
}
