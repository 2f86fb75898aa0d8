// One view of a job: its parts, and the one voice that a screen reader hears.
import { h, setText } from "./kit/dom";
import { watchTheme } from "./kit/theme";
import { ErrorCard } from "./parts/errorcard";
import { Header } from "./parts/header";
import { Layers } from "./parts/layers";
import { LogSection } from "./parts/logsection";
import { Notices, Warnings } from "./parts/notices";
import { Steps } from "./parts/steps";
import { sign, spoken } from "./parts/words";
import type { Store } from "./store/store";

interface Part {
  readonly el: HTMLElement;
  update(): void;
  dispose?(): void;
}

const DISCONNECTED = "jupyter-widgets-disconnected";

export class View {
  #root: HTMLElement;
  #parts: Part[];
  #voice = h("div.iw-hidden", { role: "status", "aria-live": "polite" });
  #said = "";
  #unsubscribe: () => void;
  #unwatch: () => void;

  #tops = new Map<Element, number>();
  #focused: HTMLElement | null = null;
  #wasShown = false;

  constructor(
    private host: HTMLElement,
    private readonly store: Store,
  ) {
    this.#parts = [
      new Header(store),
      new Notices(store),
      new ErrorCard(store),
      new Layers(store),
      new Steps(store),
      new Warnings(store),
      new LogSection(store),
    ];
    this.#root = h("div.iw", { tabindex: -1, role: "group", "aria-label": "Image progress" });
    this.#root.append(this.#voice, ...this.#parts.map((part) => part.el));
    host.classList.add("iw-host");
    host.append(this.#root);
    this.#remember();
    this.#unwatch = watchTheme(this.#root);
    window.addEventListener("keydown", this.#ownKeys, true);
    this.#unsubscribe = store.subscribe(() => this.update());
    store.model.on("comm_live_update", this.#checkLink);
    this.#checkLink();
    this.update();
    this.#keepFocus();
  }

  update(): void {
    for (const part of this.#parts) part.update();
    this.#wasShown ||= this.#root.isConnected;
    this.#root.dataset.phase = this.store.state.phase;
    this.#root.dataset.still = String(this.store.isStill);
    this.#speak();
  }

  dispose(): void {
    this.#unsubscribe();
    this.#unwatch();
    window.removeEventListener("keydown", this.#ownKeys, true);
    this.store.model.off("comm_live_update", this.#checkLink);
    for (const part of this.#parts) part.dispose?.();
    this.#root.remove();
  }

  /** Whether the front end took away the place where this view stood, and told nobody. */
  get isAdrift(): boolean {
    return this.host.parentNode === null && this.#wasShown;
  }

  standsIn(host: HTMLElement): boolean {
    return this.host === host;
  }

  /** Goes on in another place, as if nothing had happened. */
  moveTo(host: HTMLElement): void {
    const focused = this.#focused;
    this.host = host;
    host.classList.add("iw-host");
    host.append(this.#root);
    const tops = new Map(this.#tops);
    const settle = (frames: number) =>
      requestAnimationFrame(() => {
        // The place itself comes into the page a little later.
        if (!this.#root.isConnected) {
          if (frames > 0) settle(frames - 1);
          return;
        }
        for (const [element, top] of tops) element.scrollTop = top;
        if (document.activeElement === document.body) focused?.focus({ preventScroll: true });
        this.update();
      });
    settle(100);
    this.#checkLink();
  }

  /** Keeps in mind what is lost when elements leave the page: where they stood, and the focus. */
  #remember(): void {
    const root = this.#root;
    root.addEventListener(
      "scroll",
      ({ target }) => target instanceof Element && this.#tops.set(target, target.scrollTop),
      { capture: true, passive: true },
    );
    root.addEventListener("focusin", ({ target }) => {
      this.#focused = target as HTMLElement;
    });
    root.addEventListener("focusout", () => {
      queueMicrotask(() => {
        if (root.isConnected && !root.contains(document.activeElement)) this.#focused = null;
      });
    });
  }

  /** A front end that draws the view anew at the end must not throw the reader out of it. */
  #keepFocus(): void {
    const { store } = this;
    const nameOf = (el: Element) => el.getAttribute("aria-label") ?? el.textContent ?? "";
    if (store.memory.focused && document.activeElement === document.body) {
      const all = this.#root.querySelectorAll<HTMLElement>("button, input, [tabindex]");
      [...all].find((el) => nameOf(el) === store.memory.focused)?.focus({ preventScroll: true });
    }
    this.#root.addEventListener("focusin", ({ target }) => {
      store.memory.focused = nameOf(target as Element);
    });
    this.#root.addEventListener("focusout", ({ target }) => {
      if ((target as Element).isConnected && this.#root.isConnected) store.memory.focused = "";
    });
  }

  /**
   * Keys pressed in the panel are the panel's, not shortcuts of the notebook around it, which
   * would cut a cell on `x`. Lumino asks the focused element; Ctrl+S and the like stay Jupyter's.
   */
  #ownKeys = ({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
    if (!(target instanceof Element && this.#root.contains(target))) return;
    const ours = !(ctrlKey || metaKey || altKey) || target instanceof HTMLInputElement;
    target.toggleAttribute("data-lm-suppress-shortcuts", ours);
  };

  /** The front end marks a view whose comm no longer leads to a kernel. */
  #checkLink = (): void => {
    this.store.setAlive(!this.host.classList.contains(DISCONNECTED));
  };

  /** Only changes of phase are spoken, never figures. */
  #speak(): void {
    const { state, run, link, isKnown } = this.store;
    if (!isKnown) return;
    const phase = `${run} ${state.phase} ${link}`;
    if (phase === this.#said) return;
    this.#said = phase;
    setText(this.#voice, link === "live" ? spoken(state) : sign(this.store).word);
  }
}
