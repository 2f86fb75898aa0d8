// Bundles src/index.ts and its styles into ../static/panel.js and ../static/panel.css.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

// Every panel carries both files on the wire, and into the saved notebook.
const SCRIPT_LIMIT = 48_000;
const BOTH_LIMIT = 58_000;
const options = {
  entryPoints: { panel: "src/index.ts" },
  outdir: "../static",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};

if (process.argv.includes("--watch")) {
  await (await context({ ...options, minify: false, sourcemap: "inline" })).watch();
} else {
  await build(options);
  const [script, style] = ["panel.js", "panel.css"].map((name) =>
    readFileSync(`../static/${name}`),
  );
  const both = script.length + style.length;
  const zipped = gzipSync(Buffer.concat([script, style])).length;
  console.log(
    `panel.js ${script.length} bytes (limit ${SCRIPT_LIMIT}), ` +
      `with panel.css ${both} (limit ${BOTH_LIMIT}), gzipped ${zipped}`,
  );
  if (script.length > SCRIPT_LIMIT || both > BOTH_LIMIT) {
    console.error("The bundle is larger than its budget.");
    process.exit(1);
  }
}
