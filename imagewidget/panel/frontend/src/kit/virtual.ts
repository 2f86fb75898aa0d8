// A list of any length of which only the visible rows exist in the DOM.
//
// When the scroll bar is at fraction f, the row at fraction f of the list is drawn at fraction f of
// the view. With rows of equal height that is ordinary scrolling; it also works for rows that wrap,
// whose heights are unknown until they are drawn, and for lists taller than a browser can lay out.
// (@tanstack/virtual-core keeps an object for every row and costs 33 kB.)
import { h, setAttribute, setStyle } from "./dom";

const TALLEST = 17_800_000; // px; Firefox clips elements above 17.9 million, Chromium above 33.5
const OVERSCAN = 6;
const BY_READER = 1500; // ms after a wheel, key or touch event in which scrolling is the reader's
const UP = ["ArrowUp", "PageUp", "Home"];
const DOWN = ["ArrowDown", "PageDown", "End"];

export interface Lines {
  count(): number;
  /** Identifies the content of row `index`; a row is made again when its key changes. */
  key(index: number): string;
  make(index: number): HTMLElement;
  /** Called after drawing: rows `[start, stop)` are visible. */
  seen(start: number, stop: number): void;
}

export class VirtualList {
  #rows = h("div.iw-lines-rows");
  #spacer = h("div.iw-lines-spacer", {}, this.#rows);
  readonly el = h("div.iw-lines", { role: "group", tabindex: 0 }, this.#spacer);
  /** Whether the view is at the end, and stays there as rows are added. */
  follows = true;
  #drawn = new Map<number, { key: string; el: HTMLElement }>();
  #lineHeight = 18;
  #frozen = 0;
  #top = 0; // when the list was last scrolled, or moved to its end
  #touched = Number.NEGATIVE_INFINITY;
  #resize: ResizeObserver;

  constructor(
    private readonly lines: Lines,
    label: string,
    private readonly followed: (follows: boolean) => void,
  ) {
    setAttribute(this.el, "aria-label", label);
    this.el.addEventListener("scroll", () => this.#scrolled());
    const touch = () => {
      this.#touched = performance.now();
    };
    for (const input of ["wheel", "touchmove", "keydown"]) {
      this.el.addEventListener(input, touch, { passive: true });
    }
    this.el.addEventListener("wheel", ({ deltaY }) => this.#turned(deltaY), { passive: true });
    this.el.addEventListener("keydown", ({ key }) => {
      this.#turned(Number(DOWN.includes(key)) - Number(UP.includes(key)));
    });
    // A scroll bar or a selection may be dragged for a long time and released anywhere.
    this.el.addEventListener("pointerdown", () => {
      this.#touched = Number.POSITIVE_INFINITY;
      for (const end of ["pointerup", "pointercancel"]) {
        window.addEventListener(end, touch, { once: true });
      }
    });
    this.#resize = new ResizeObserver(() => this.draw());
    this.#resize.observe(this.el);
  }

  /** The number of rows; it does not grow while the reader has scrolled away from the end. */
  get count(): number {
    return this.follows ? this.lines.count() : this.#frozen;
  }

  /** The number of rows added since the reader scrolled away from the end. */
  get unseen(): number {
    return Math.max(0, this.lines.count() - this.count);
  }

  draw(): void {
    const height = this.el.clientHeight;
    if (height === 0) return;
    this.#measure();
    const { count } = this;
    const total = Math.min(count * this.#lineHeight, TALLEST);
    setStyle(this.#spacer, "height", `${total}px`);
    const most = Math.max(0, total - height);
    if (this.follows) {
      this.el.scrollTop = most;
      this.#top = this.el.scrollTop;
    }
    const top = Math.min(this.el.scrollTop, most);
    const fraction = most > 0 ? top / most : 0;
    const anchor = fraction * count;
    const first = Math.max(0, Math.floor(anchor - (fraction * height) / this.#lineHeight));
    const last = Math.ceil(anchor + ((1 - fraction) * height) / this.#lineHeight);
    const start = Math.max(0, first - OVERSCAN);
    const stop = Math.min(count, last + OVERSCAN);
    this.#drawRows(start, stop);
    this.#place(start, anchor, top + fraction * height);
    this.lines.seen(first, Math.min(count, last));
  }

  toEnd(): void {
    this.#setFollows(true);
    this.draw();
  }

  /** Scrolls row `index` to the middle, and stops following the end. */
  toRow(index: number): void {
    this.#setFollows(false);
    if (index >= this.#frozen) this.#frozen = this.lines.count();
    const total = Math.min(this.count * this.#lineHeight, TALLEST);
    const height = this.el.clientHeight;
    setStyle(this.#spacer, "height", `${total}px`);
    const wanted = ((index + 0.5) / Math.max(1, this.count)) * total - height / 2;
    this.el.scrollTop = Math.max(0, Math.min(wanted, total - height));
    this.draw();
  }

  /** Starts over with another list, scrolled to its end. */
  reset(): void {
    this.#frozen = 0;
    this.#setFollows(true);
    this.draw();
  }

  dispose(): void {
    this.#resize.disconnect();
  }

  get #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.el;
    return scrollTop >= scrollHeight - clientHeight - this.#lineHeight / 2;
  }

  /** Called before the list is scrolled: a smooth scroll begins with less than a pixel, and new
   * rows that are followed in the meantime would undo it. */
  #turned(down: number): void {
    if (down < 0 && this.el.scrollTop > 0) this.#setFollows(false);
    else if (down > 0 && this.#isAtEnd) this.#setFollows(true);
  }

  #scrolled(): void {
    const { scrollTop } = this.el;
    // Only a reader scrolls up; a list that grew or moved in the page may fire this event, too.
    const byReader = performance.now() - this.#touched < BY_READER;
    if (scrollTop > this.#top && this.#isAtEnd) this.#setFollows(true);
    else if (byReader && scrollTop < this.#top - 1) this.#setFollows(false);
    this.#top = scrollTop;
    this.draw();
  }

  #setFollows(follows: boolean): void {
    if (follows === this.follows) return;
    if (!follows) this.#frozen = this.lines.count();
    this.follows = follows;
    this.followed(follows);
  }

  #measure(): void {
    const height = Number.parseFloat(getComputedStyle(this.el).lineHeight);
    if (height > 0) this.#lineHeight = height;
  }

  #drawRows(start: number, stop: number): void {
    for (const [index, row] of this.#drawn) {
      if (index >= start && index < stop) continue;
      row.el.remove();
      this.#drawn.delete(index);
    }
    let next = this.#rows.firstElementChild;
    for (let index = start; index < stop; index++) {
      const key = this.lines.key(index);
      const known = this.#drawn.get(index);
      if (known?.key === key) {
        next = known.el.nextElementSibling;
        continue;
      }
      const el = this.lines.make(index);
      this.#drawn.set(index, { key, el });
      if (known) {
        next = known.el.nextElementSibling;
        known.el.replaceWith(el);
      } else this.#rows.insertBefore(el, next);
    }
  }

  /** Moves the rows so that the point `anchor` of the list (in rows) is at `y` in the spacer. */
  #place(start: number, anchor: number, y: number): void {
    const index = Math.min(Math.floor(anchor), this.count - 1);
    const row = this.#drawn.get(index)?.el;
    const inside = row ? row.offsetTop + (anchor - index) * row.offsetHeight : 0;
    const above = row ? inside : (anchor - start) * this.#lineHeight;
    this.#rows.style.transform = `translateY(${Math.max(0, y - above)}px)`;
  }
}
