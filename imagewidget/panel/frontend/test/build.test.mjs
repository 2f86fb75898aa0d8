// What is in ../static after a build.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";

it("leaves nothing of an earlier version beside the modules", () => {
  const panel = mkdtempSync(join(tmpdir(), "panel-"));
  onTestFinished(() => rmSync(panel, { recursive: true }));
  for (const name of ["frontend", "static"]) mkdirSync(join(panel, name));
  for (const name of ["src", "package.json"])
    symlinkSync(resolve(name), join(panel, "frontend", name));
  writeFileSync(join(panel, "static", "building.js"), "old");
  execFileSync(process.execPath, [resolve("build.mjs")], { cwd: join(panel, "frontend") });
  const built = readdirSync(join(panel, "static")).sort();
  expect(built).toEqual(["THIRD_PARTY_LICENSES", "core.js", "details.js", "stub.js"]);
}, 30_000);
