// The licences of the npm packages in a bundle, which must be passed on with it.

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENSE = /^(licen[cs]e|copying|notice)/i;

/** Returns the folders of the packages that a bundle contains, from esbuild's metafile. */
export function packagesIn(metafile) {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((name) => inputs[name].bytesInOutput > 0),
  );
  const folders = inputs.map((name) => PACKAGE.exec(name)?.[1]).filter(Boolean);
  return [...new Set(folders)].sort();
}

/** Returns the text to ship: each package with all its licences. Throws if one has none. */
export function licensesOf(folders, root = ".") {
  const sections = folders.map((name) => {
    const folder = resolve(root, name);
    const { name: title, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const files = readdirSync(folder).filter((file) => LICENSE.test(file));
    if (files.length === 0) throw new Error(`${title} has no licence file: it cannot be bundled.`);
    const texts = files.sort().map((file) => readFileSync(join(folder, file), "utf8").trim());
    return [`${title} ${version}`, ...texts].join("\n\n");
  });
  const head = sections.length
    ? "The panel's script contains these packages:"
    : "The panel's script and styles contain no packages of others.";
  return `${[head, ...sections].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
