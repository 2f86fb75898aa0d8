// Style sheets: each crosses the wire in a module, and is added to the page once.

const sheets = new Map<string, CSSStyleSheet>();

/** Applies a style sheet where `el` is: in the page, and in a shadow root around it. */
export function applyStyles(css: string, el: Node): void {
  const sheet = sheets.get(css) ?? new CSSStyleSheet();
  if (!sheets.has(css)) sheet.replaceSync(css);
  sheets.set(css, sheet);
  for (const root of new Set([document, el.getRootNode()]) as Set<Partial<DocumentOrShadowRoot>>) {
    const applied = root.adoptedStyleSheets; // an element outside of the page has none
    if (applied && !applied.includes(sheet)) root.adoptedStyleSheets = [...applied, sheet];
  }
}
