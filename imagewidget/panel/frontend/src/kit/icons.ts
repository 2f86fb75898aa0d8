// Line icons on a 16 × 16 grid, drawn in the colour of the text.

const PATHS = {
  download: "M8 2v8M4.5 7 8 10.5 11.5 7M3 13.5h10",
  unpack: "M2.5 6 8 3l5.5 3v5L8 14l-5.5-3zM2.5 6 8 9l5.5-3M8 9v5",
  build: "M9.5 3.5 6 7m1.5-5 5 5-2 2-5-5zM6.5 6.5 2.5 12l1.5 1.5L9.5 9.5",
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  stop: "M4.5 4.5h7v7h-7z",
  clock: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 5v3.2l2 1.3",
  bolt: "M9 1.8 3.5 9H8l-1 5.2L12.5 7H8z",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  warning: "M8 2.5 14.3 13.5H1.7zM8 6.5v3.2M8 11.7v.1",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  chevron: "M6 4l4 4-4 4",
  wrap: "M2 4h12M2 8h9.5a2 2 0 0 1 0 4.5H8M9.8 10.7 8 12.5l1.8 1.8M2 12.5h3",
  up: "M4 10l4-4 4 4",
  down: "M4 6l4 4 4-4",
  unplug: "M6 2v3M10 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14M2 2l12 12",
  layers: "M8 2 14 5 8 8 2 5zM2 8l6 3 6-3M2 11l6 3 6-3",
} as const;

export type IconName = keyof typeof PATHS | "spinner";

const SVG = "http://www.w3.org/2000/svg";

/** Makes an icon. It is hidden from screen readers, so it needs a word or a label beside it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  setIcon(svg, name);
  return svg;
}

export function setIcon(svg: SVGSVGElement, name: IconName): void {
  if (svg.dataset.icon === name) return;
  svg.dataset.icon = name;
  svg.setAttribute("class", name === "spinner" ? "iw-icon iw-spinner" : "iw-icon");
  const path = name === "spinner" ? "M8 2a6 6 0 1 1-6 6" : PATHS[name];
  svg.firstElementChild?.setAttribute("d", path);
}
