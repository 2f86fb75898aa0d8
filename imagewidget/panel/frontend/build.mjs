// Bundles src/index.ts and its styles into ../static: panel.js, panel.css, and packed.js, the
// compressed form of panel.js that is sent to the browser. Beside them, the licences of what they contain.

import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";
import { licensesOf, packagesIn } from "./licenses.mjs";

const STATIC = "../static";
const SCRIPT_LIMIT = 48_000;
const SENT_LIMIT = 40_000; // packed.js + panel.css: sent with every panel, saved in every notebook

// A module that unpacks panel.js and imports it from a blob, as anywidget does with modules.
const unpacking = (
  packed,
) => `const packed = Uint8Array.from(atob("${packed}"), c => c.charCodeAt(0));
const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
const script = new Blob([await new Response(unpacked).text()], { type: "text/javascript" });
const url = URL.createObjectURL(script);
const { default: panel } = await import(url);
URL.revokeObjectURL(url);
export default panel;
`;

const pack = {
  name: "pack",
  setup: ({ onEnd }) =>
    onEnd(({ errors, metafile }) => {
      if (errors.length > 0) return;
      const script = gzipSync(readFileSync(`${STATIC}/panel.js`), { level: 9 });
      writeFileSync(`${STATIC}/packed.js`, unpacking(script.toString("base64")));
      writeFileSync(`${STATIC}/THIRD_PARTY_LICENSES`, licensesOf(packagesIn(metafile)));
    }),
};

const options = {
  entryPoints: { panel: "src/index.ts" },
  outdir: STATIC,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none", // the licences are in a file of their own
  metafile: true,
  logLevel: "warning",
  plugins: [pack],
};

if (process.argv.includes("--watch")) {
  await (await context({ ...options, minify: false, sourcemap: "inline" })).watch();
} else {
  await build(options);
  const sizeOf = (name) => readFileSync(`${STATIC}/${name}`).length;
  const script = sizeOf("panel.js");
  const sent = sizeOf("packed.js") + sizeOf("panel.css");
  console.log(
    `panel.js ${script} bytes (limit ${SCRIPT_LIMIT}), ` +
      `packed.js and panel.css ${sent} (limit ${SENT_LIMIT})`,
  );
  if (script > SCRIPT_LIMIT || sent > SENT_LIMIT) {
    console.error("The bundle exceeds its size budget.");
    process.exit(1);
  }
}
