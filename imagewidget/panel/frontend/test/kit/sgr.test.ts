// @vitest-environment happy-dom
// The same colour sequences as tests/unit/progress/test_sgr.py. Those under `python` are left out:
// ansi-sequence-parser reads them otherwise.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lineNodes } from "../../src/kit/ansi";
import { h } from "../../src/kit/dom";

type Colour = string | [red: number, green: number, blue: number];

interface Case {
  written: string;
  flags?: string[];
  foreground?: Colour;
  background?: Colour;
}

const FIXTURE = join(import.meta.dirname, "../../../../../tests/fixtures/sgr.json");
const CASES = (JSON.parse(readFileSync(FIXTURE, "utf8")) as { agreed: Case[] }).agreed;
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

/** A name stands for its hue: the theme makes it dark or light, so bright red is red. */
function expected(colour: Colour | undefined): string {
  if (colour === undefined) return "";
  if (typeof colour !== "string") return `rgb(${colour.join(" ")})`;
  const index = NAMES.indexOf(colour.replace("bright ", ""));
  return property(shown(`\x1b[${30 + index}mx`), "fg");
}

it.each(CASES)("shows what is on after $written", ({ written, flags, foreground, background }) => {
  const span = shown(`${written}x`);
  const classes = (flags ?? []).map((flag) => CLASSES[flag] as string);
  if (foreground) classes.push("iw-fg");
  if (background) classes.push("iw-bg");
  expect([...(span?.classList ?? [])].sort()).toEqual(classes.sort());
  expect(property(span, "fg")).toBe(expected(foreground));
  expect(property(span, "bg")).toBe(expected(background));
});
