// Bundles the front end into ../static, as ordinary modules: stub.js, which anywidget loads with every
// panel, and the modules that a page receives once: core.js, and details.js when there is more to show
// than the progress. Those keep their names, so that a browser can format them as readable source.
// Beside them, the licences of what they contain. Nothing else is in that folder.

import { createHash } from "node:crypto";
import { mkdirSync, rmSync, watch, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { licensesOf, packagesIn } from "./licenses.mjs";

const STATIC = "../static";
const MODULES = ["core", "details"];
const PLACEHOLDER = /IW_VERSION/g; // see src/version.ts
const LIMITS = { stub: 2_000, core: 60_000, all: 120_000 }; // bytes

const OPTIONS = {
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "none", // the licences are in a file of their own
  logLevel: "warning",
  write: false,
};

/** Returns a style sheet that applies only below an element of this version. */
function scoped(css) {
  const animations = /@keyframes [\w-]+\{(?:[^{}]*\{[^{}]*\})*\}/g; // not allowed inside a rule
  const rules = css.replace(animations, "");
  return `${(css.match(animations) ?? []).join("")}.iw-IW_VERSION{${rules}}`;
}

// A module that imports a style sheet gets its text.
const styles = {
  name: "styles",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({ ...OPTIONS, entryPoints: [path] });
      return { contents: scoped(outputFiles[0].text.trim()), loader: "text" };
    }),
};

async function bundle(name) {
  const { outputFiles, metafile } = await build({
    ...OPTIONS,
    entryPoints: [`src/${name}.ts`],
    format: "esm",
    minifyIdentifiers: name === "stub",
    metafile: true,
    plugins: [styles],
  });
  return { name, text: outputFiles[0].text, packages: packagesIn(metafile) };
}

async function buildAll() {
  const bundles = await Promise.all([...MODULES, "stub"].map(bundle));
  const hash = createHash("sha256");
  for (const { text } of bundles) hash.update(text);
  const version = hash.digest("hex").slice(0, 10);
  mkdirSync(STATIC, { recursive: true });
  const sizes = {};
  for (const { name, text } of bundles) {
    const final = text.replace(PLACEHOLDER, version);
    writeFileSync(`${STATIC}/${name}.js`, final);
    sizes[name] = Buffer.byteLength(final);
  }
  const packages = [...new Set(bundles.flatMap(({ packages }) => packages))].sort();
  writeFileSync(`${STATIC}/THIRD_PARTY_LICENSES`, licensesOf(packages));
  return sizes;
}

rmSync(STATIC, { recursive: true, force: true }); // what an earlier version built, too
const sizes = await buildAll();
sizes.all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
for (const [name, limit] of Object.entries(LIMITS)) {
  console.log(`${name}: ${sizes[name]} bytes (limit ${limit})`);
  if (sizes[name] > limit) {
    console.error(`${name} exceeds its size budget.`);
    process.exitCode = 1;
  }
}

if (process.argv.includes("--watch")) {
  let timer;
  watch("src", { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => buildAll().catch(() => {}), 100); // esbuild has reported the error
  });
}
