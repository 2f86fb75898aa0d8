// Whatever others wrote in the bundle is listed with its licence.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { licensesOf, packagesIn } from "../licenses.mjs";

const bundle = async (code) => {
  const stdin = { contents: code, resolveDir: process.cwd() };
  const options = { bundle: true, write: false, metafile: true, logLevel: "silent", outdir: "out" };
  return (await build({ stdin, ...options })).metafile;
};

it("lists a package of the bundle with its licence", async () => {
  const folders = packagesIn(await bundle('import axe from "axe-core"; console.log(axe);'));
  expect(folders).toHaveLength(1);
  const folder = folders[0];
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const text = licensesOf(folders);
  expect(text).toContain(`axe-core ${version}`);
  expect(text).toContain(readFileSync(`${folder}/LICENSE`, "utf8").trim());
});

it("lists nothing that is not in the bundle", async () => {
  const unused = await bundle('import "./src/kit/format.ts";');
  expect(packagesIn(unused)).toEqual([]);
  expect(licensesOf([])).toContain("no packages of others");
});

it("refuses a package without a licence", () => {
  const folder = mkdtempSync(join(tmpdir(), "unlicensed-"));
  writeFileSync(join(folder, "package.json"), '{"name": "unlicensed", "version": "1.0.0"}');
  expect(() => licensesOf([folder])).toThrow("unlicensed has no licence file");
});
