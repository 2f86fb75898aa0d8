// A log line with its colours, and what was searched for marked in it.
import { type Color, createAnsiSequenceParser, type ParseToken } from "ansi-sequence-parser";
import { h } from "./dom";

// Hues only: the style sheet makes them as light or dark as the theme needs to be legible.
const NAMED: Record<string, string> = {
  black: "#57606a",
  red: "#e5534b",
  green: "#3fa34d",
  yellow: "#c69026",
  blue: "#4184e4",
  magenta: "#b65fc4",
  cyan: "#2b9aa9",
  white: "#8c959f",
};

// Not `hidden`: what a program conceals is part of its log all the same.
const DECORATIONS = new Set(["bold", "dim", "italic", "underline", "strikethrough", "reverse"]);

/** Gives the nodes of a line; every character of it ends up in a text node. */
export function lineNodes(text: string, query = ""): Node[] {
  const tokens = parse(text);
  const marks = query ? matches(tokens.map(({ value }) => value).join(""), query) : [];
  const nodes: Node[] = [];
  let offset = 0;
  for (const token of tokens) {
    for (const [piece, marked] of cut(token.value, offset, marks)) {
      const node: Node = marked ? h("mark", {}, piece) : document.createTextNode(piece);
      nodes.push(coloured(token, node));
    }
    offset += token.value.length;
  }
  return nodes;
}

export const plainText = (text: string): string =>
  parse(text)
    .map(({ value }) => value)
    .join("");

const parse = (text: string): ParseToken[] => createAnsiSequenceParser().parse(text);

function coloured({ foreground, background, decorations }: ParseToken, node: Node): Node {
  if (!foreground && !background && decorations.size === 0) return node;
  const span = h("span", {}, node);
  paint(span, "fg", foreground);
  paint(span, "bg", background);
  for (const decoration of decorations) {
    if (DECORATIONS.has(decoration)) span.classList.add(`iw-${decoration}`);
  }
  return span;
}

function paint(span: HTMLElement, side: "fg" | "bg", colour: Color | null): void {
  if (!colour) return;
  span.style.setProperty(`--iw-${side}-ansi`, css(colour));
  span.classList.add(`iw-${side}`);
}

function css(colour: Color): string {
  if (colour.type === "rgb") return `rgb(${colour.rgb.join(" ")})`;
  if (colour.type === "named") return named(colour.name);
  return table(colour.index);
}

const named = (name: string): string => NAMED[name.replace("bright", "").toLowerCase()] ?? "";

/** The 256 colours of a terminal: 16 by name, a 6 × 6 × 6 cube, then greys. */
function table(index: number): string {
  if (index < 16) return named(Object.keys(NAMED)[index % 8] ?? "");
  if (index >= 232)
    return `rgb(${Array(3)
      .fill(8 + 10 * (index - 232))
      .join(" ")})`;
  const level = (place: number) => {
    const value = Math.floor((index - 16) / place) % 6;
    return value === 0 ? 0 : 55 + 40 * value;
  };
  return `rgb(${level(36)} ${level(6)} ${level(1)})`;
}

/** Where `query` stands, in any case. A text in lower case may be longer, such as that of `İ`. */
function matches(text: string, query: string): [start: number, stop: number][] {
  const wanted = new RegExp(query.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "giu");
  return [...text.matchAll(wanted)].map(({ 0: { length }, index }) => [index, index + length]);
}

/** Cuts a piece that begins at `offset` of the line where marks begin and end. */
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
  if (at < text.length || text === "") yield [text.slice(at), false];
}
