// Light or dark is determined from the actual background, so that it works with any theme.

const ALPHA_MIN = 0.5;

/** Sets `data-theme` on `el`, now and whenever the page's theme may have changed. */
export function watchTheme(el: HTMLElement): () => void {
  const apply = () => {
    const theme = isDark(el) ? "dark" : "light";
    if (el.dataset.theme !== theme) el.dataset.theme = theme;
  };
  const later = () => requestAnimationFrame(apply);
  const observer = new MutationObserver(later);
  for (const target of [document.documentElement, document.body]) {
    observer.observe(target, {
      attributes: true,
      attributeFilter: [
        "class",
        "style",
        "data-jp-theme-light",
        "data-jp-theme-name",
        "data-theme",
        "data-vscode-theme-kind",
        "theme", // Colab
      ],
    });
  }
  // JupyterLab's themes are style sheets that are loaded after the attribute is set.
  observer.observe(document.head, { childList: true });
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", later);
  apply();
  later();
  return () => {
    observer.disconnect();
    media.removeEventListener("change", later);
  };
}

// The front ends' background variables, in the order in which the style sheet tries them.
const BACKGROUNDS = ["--iw-bg", "--jp-layout-color1", "--vscode-editor-background"];

function isDark(el: HTMLElement): boolean {
  const style = getComputedStyle(el);
  if (BACKGROUNDS.some((name) => style.getPropertyValue(name))) {
    const shade = lightness(style.backgroundColor);
    if (shade !== null) return shade < 0.5;
  }
  const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
  if (vscodeThemeKind) return /dark$|contrast$/.test(vscodeThemeKind);
  for (let at = el.parentElement; at; at = at.parentElement) {
    const shade = lightness(getComputedStyle(at).backgroundColor);
    if (shade !== null) return shade < 0.5;
  }
  if (jpThemeLight) return jpThemeLight === "false";
  return getComputedStyle(document.documentElement).colorScheme === "dark";
}

/** The lightness of a computed colour, 0 to 1; null if it is mostly transparent. */
export function lightness(colour: string): number | null {
  const numbers = colour.match(/[\d.]+(?:e-?\d+)?/g)?.map(Number);
  if (!numbers || numbers.length < 3) return null;
  const [red = 0, green = 0, blue = 0, alpha = 1] = numbers;
  if (alpha < ALPHA_MIN) return null;
  if (/^okl/.test(colour)) return red; // the lightness comes first in oklab and oklch
  const scale = colour.startsWith("rgb") ? 255 : 1;
  return (0.299 * red + 0.587 * green + 0.114 * blue) / scale;
}
