// @vitest-environment happy-dom
// The failed attempts, and the warnings.
import { expect, it } from "vitest";
import { Attempts } from "../../src/parts/attempts";
import { Warnings } from "../../src/parts/warnings";
import { openStore, plain, tried } from "../helpers";

const row = (part: { el: Element }) => plain(part.el.querySelector("tbody"));

it("shows the attempts and warnings of this run, not of the previous one", () => {
  const warning = { detail: "", url: "", step: null, dockerfile_line: null };
  const store = openStore({ attempts: tried("OLD"), warnings: [{ ...warning, message: "OLD" }] });
  const parts = [new Attempts(store), new Warnings(store)];
  for (const part of parts) part.update();
  store.frames.run = 2;
  store.frames.state = {
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

it("lists the failed attempts while the next one runs", () => {
  const attempts = new Attempts(openStore({ attempts: tried("500") }));
  attempts.update();
  expect(row(attempts)).toBe("ghcr.io1ServerError 500");
});

it("links a warning only to web addresses", () => {
  const warning = { message: "m", detail: "", step: null, dockerfile_line: 3 };
  const urls = ["https://example.org/rule", "javascript:alert(1)"];
  const warnings = new Warnings(openStore({ warnings: urls.map((url) => ({ ...warning, url })) }));
  warnings.update();
  const links = [...warnings.el.querySelectorAll("a")].map((link) => link.getAttribute("href"));
  expect(links).toEqual(["https://example.org/rule"]);
  expect(plain(warnings.el.querySelector("p"))).toBe("m (Dockerfile, line 3)");
});

it("counts the warnings that it does not list", () => {
  const warning = { message: "m", detail: "", url: "", step: null, dockerfile_line: 3 };
  const warnings = new Warnings(openStore({ warnings: [warning], more_warnings: 1999 }));
  warnings.update();
  expect(plain(warnings.el)).toContain("2\u202f000");
  expect(plain(warnings.el)).toContain("and 1\u202f999 more");
});
