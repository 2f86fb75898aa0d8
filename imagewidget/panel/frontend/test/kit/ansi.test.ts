// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { lineNodes, plainText } from "../../src/kit/ansi";
import { h } from "../../src/kit/dom";

const shown = (text: string, query?: string) => h("p", {}, ...lineNodes(text, query));

it("colours what is coloured in the log, and nothing else", () => {
  const line = shown("a \x1b[31mred\x1b[0m b");
  expect(line.textContent).toBe("a red b");
  expect([...line.querySelectorAll("span")].map((span) => span.textContent)).toEqual(["red"]);
  expect(line.querySelector("span")?.classList.contains("iw-fg")).toBe(true);
});

it.each([
  ["\x1b[38;5;196mx", "rgb(255 0 0)"],
  ["\x1b[38;5;244mx", "rgb(128 128 128)"],
  ["\x1b[38;2;1;2;3mx", "rgb(1 2 3)"],
])("shows indexed and RGB colours: %j", (text, colour) => {
  const span = shown(text).querySelector("span");
  expect(span?.style.getPropertyValue("--iw-fg-ansi")).toBe(colour);
});

it("shows bright red in the hue of red, which the theme makes legible", () => {
  const hue = (text: string) =>
    shown(text).querySelector("span")?.style.getPropertyValue("--iw-fg-ansi");
  expect(hue("\x1b[91mx")).toBe(hue("\x1b[31mx"));
});

it("keeps markup as text", () => {
  const line = shown("<img src=x onerror=alert(1)></style><script>1</script>");
  expect(line.childElementCount).toBe(0);
  expect(line.textContent).toBe("<img src=x onerror=alert(1)></style><script>1</script>");
});

it("marks every match, ignoring case, even across colours", () => {
  const line = shown("Warn: \x1b[33mwa\x1b[0mrn, warm", "warn");
  const marked = [...line.querySelectorAll("mark")].map((mark) => mark.textContent);
  expect(marked).toEqual(["Warn", "wa", "rn"]);
  expect(line.textContent).toBe("Warn: warn, warm");
});

it.each([
  ["İİİ error here", "error", ["error"]],
  ["Straße STRASSE ΣΑΣ", "straße", ["Straße"]],
  ["a.b a+b (a.b)", "(A.B)", ["(a.b)"]],
  [
    String.raw`C:\{x}|[y]^$*? and -/`,
    String.raw`\{X}|[Y]^$*? AND -/`,
    [String.raw`\{x}|[y]^$*? and -/`],
  ],
  ["😀 done 😀", "😀", ["😀", "😀"]],
])("marks in %j exactly what matches %j", (text, query, found) => {
  const marked = [...shown(text, query).querySelectorAll("mark")].map((mark) => mark.textContent);
  expect(marked).toEqual(found);
});

it("removes the colours from a line for copying", () => {
  expect(plainText("\x1b[1;32m✓\x1b[0m done")).toBe("✓ done");
});

it("shows concealed text", () => {
  const line = h("p", {}, ...lineNodes("a\x1b[8msecret\x1b[0m"));
  expect(line.textContent).toBe("asecret");
  expect(line.querySelector("[class]")).toBeNull();
});

it("puts every character that is not part of a sequence into a text node", () => {
  const texts = ["", "m", "[31m", "a;b:1m", "\t😀 <b>", "\x1b[31"];
  const sequences = ["", "\x1b[m", "\x1b[1;38:2::1:2:3m", "\x1b[38;5m", "\x1b[::;99999m"];
  for (const query of ["", "m", "b"]) {
    for (const [before, after] of texts.flatMap((one) => texts.map((two) => [one, two] as const))) {
      for (const [one, two] of sequences.flatMap((a) => sequences.map((b) => [a, b] as const))) {
        const nodes = lineNodes(`${one}${before}${two}|${after}`, query);
        expect(h("p", {}, ...nodes).textContent).toBe(`${before}|${after}`);
      }
    }
  }
});
