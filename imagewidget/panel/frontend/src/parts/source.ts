// The lines of the Dockerfile around the one that failed.
import { h } from "../kit/dom";
import type { ErrorInfo } from "../wire";

export function sourceLines({ source_lines: lines, dockerfile_line: line }: ErrorInfo): Node[] {
  if (lines.length === 0) return [];
  const rows = lines.map((source) =>
    h(
      "div.iw-source-line",
      { "data-failing": source.is_failing },
      h("span.iw-source-mark", { "aria-hidden": "true" }, source.is_failing ? "›" : ""),
      h("span.iw-source-number", {}, String(source.number)),
      h("code", {}, source.text || " "),
      source.is_failing ? h("span.iw-hidden", {}, " (this line failed)") : null,
    ),
  );
  const where = line === null ? "Dockerfile" : `Dockerfile, line ${line}`;
  return [h("figure.iw-source-lines", {}, h("figcaption", {}, where), ...rows)];
}
