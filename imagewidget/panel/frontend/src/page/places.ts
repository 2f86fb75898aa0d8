// The places in the page that are meant for a panel: elements with its id, now and later.

const ATTRIBUTE = "data-imagewidget";

type Found = (place: HTMLElement) => void;

const waiting = new Map<string, Found>();

const observer = new MutationObserver((records) => {
  for (const { addedNodes } of records) {
    for (const node of addedNodes) if (node instanceof HTMLElement) look(node);
  }
});

function look(added: HTMLElement): void {
  for (const place of [added, ...added.querySelectorAll<HTMLElement>(`[${ATTRIBUTE}]`)]) {
    if (place.isConnected) waiting.get(place.getAttribute(ATTRIBUTE) ?? "")?.(place);
  }
}

/** Calls `found` for each place with this id whenever it comes into the page. Returns its end. */
export function whenInPage(id: string, found: Found): () => void {
  if (waiting.size === 0) observer.observe(document.body, { childList: true, subtree: true });
  waiting.set(id, found);
  look(document.body);
  return () => {
    if (waiting.get(id) !== found) return; // another panel has the place now
    waiting.delete(id);
    if (waiting.size === 0) observer.disconnect();
  };
}
