// @vitest-environment happy-dom
// Uses the same colour sequences as tests/unit/progress/text/test_sgr.py.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lineNodes } from "../../src/kit/ansi";
import { h } from "../../src/kit/dom";
import { pieces, type Colour as Read } from "../../src/kit/sgr";

type Colour = string | [red: number, green: number, blue: number];

interface Case {
  written: string;
  flags?: string[];
  foreground?: Colour;
  background?: Colour;
}

const FIXTURE = join(import.meta.dirname, "../../../../../tests/fixtures/sgr.json");
const CASES = JSON.parse(readFileSync(FIXTURE, "utf8")) as Case[];
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const CLASSES: Record<string, string> = {
  bold: "iw-bold",
  dim: "iw-dim",
  italic: "iw-italic",
  underline: "iw-underline",
  inverse: "iw-reverse",
  "line-through": "iw-strikethrough",
};

const shown = (text: string) => h("p", {}, ...lineNodes(text)).querySelector("span");
const property = (span: HTMLElement | null, side: "fg" | "bg") =>
  span?.style.getPropertyValue(`--iw-${side}-ansi`) ?? "";

/** Returns the expected CSS. Names are hues, and the theme sets lightness, so bright red is red. */
function expected(colour: Colour | undefined): string {
  if (colour === undefined) return "";
  if (typeof colour !== "string") return `rgb(${colour.join(" ")})`;
  const index = NAMES.indexOf(colour.replace("bright ", ""));
  return property(shown(`\x1b[${30 + index}mx`), "fg");
}

it.each(CASES)(
  "shows the style that is in effect after $written",
  ({ written, flags, foreground, background }) => {
    const span = shown(`${written}x`);
    const classes = (flags ?? []).map((flag) => CLASSES[flag] as string);
    if (foreground) classes.push("iw-fg");
    if (background) classes.push("iw-bg");
    expect([...(span?.classList ?? [])].sort()).toEqual(classes.sort());
    expect(property(span, "fg")).toBe(expected(foreground));
    expect(property(span, "bg")).toBe(expected(background));
  },
);

it.each<[string, Read | null]>([
  ["31", 1],
  ["47", 7],
  ["90", 8],
  ["107", 15],
  ["38;5;196", 196],
  ["048;5;009", 9],
  ["38;5;256", null],
  ["38:2::1:2:3", [1, 2, 3]],
  ["48;2;300;0;0", [255, 0, 0]],
  ["38;2;1;2", null],
  ["38;9", null],
  ["38", null],
  [`38:5:${"0".repeat(20)}9`, null],
])("reads the colour specified by %s", (code, colour) => {
  const [piece] = pieces(`\x1b[${code}mx`);
  expect(piece?.foreground ?? piece?.background).toEqual(colour);
});

it("leaves out only the sequences, and returns each piece with its style", () => {
  const none = { foreground: null, background: null, flags: 0 };
  expect(pieces("")).toEqual([]);
  expect(pieces("a\x1b[31;1mb\x1b[39m\x1b[3mc\x1b[0m\x1b[4d")).toEqual([
    { ...none, text: "a" },
    { ...none, text: "b", foreground: 1, flags: 1 << 1 },
    { ...none, text: "c", flags: (1 << 1) | (1 << 3) },
    { ...none, text: "\x1b[4d" },
  ]);
});
