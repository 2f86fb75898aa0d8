// The views of one job, and the elements of the page in which they are shown.
import type { Store } from "./store/store";
import { View } from "./view";

const KEPT = 10_000; // ms for which a view without an element waits for another

export class Views {
  readonly #views = new Set<View>();

  constructor(private readonly store: Store) {}

  /** Shows the job in the place of its HTML, for as long as that is in the page. */
  mount(place: HTMLElement): void {
    this.#show(place, [...place.childNodes]);
  }

  /** Shows the job in the element of a widget view. */
  show(host: HTMLElement): void {
    this.#show(host, null);
  }

  /** Ends what `show` began; the view may go on in another element. */
  release(host: HTMLElement): void {
    const view = this.#in(host);
    if (!view) return;
    view.release();
    setTimeout(() => view.isReleased && this.#remove(view), KEPT);
  }

  dispose(): void {
    for (const view of this.#views) this.#remove(view);
  }

  #in(host: HTMLElement): View | undefined {
    return [...this.#views].find((view) => view.isIn(host));
  }

  /** A front end that refreshes an output drops the old element without telling us. The view that
   * was there moves on, and keeps what the reader opened, searched for and scrolled to. */
  #show(host: HTMLElement, covered: ChildNode[] | null): void {
    const view = this.#in(host) ?? [...this.#views].find((one) => one.isAdrift);
    if (view) view.moveTo(host, covered);
    else this.#views.add(new View(host, this.store, covered));
    // One view is kept for the next refresh.
    for (const other of [...this.#views].filter((one) => one.isAdrift).slice(1))
      this.#remove(other);
  }

  #remove(view: View): void {
    this.#views.delete(view);
    view.dispose();
  }
}
