// One view of a job: its parts, and the element that it is shown in.
import css from "./css/panel.css";
import { h } from "./kit/dom";
import { keepFocus, ownKeys, restoreFocus } from "./kit/focus";
import { Position } from "./kit/position";
import { watchTheme } from "./kit/theme";
import { applyStyles } from "./page/styles";
import { Header } from "./parts/header";
import { Layers } from "./parts/layers";
import { LogFold } from "./parts/logfold";
import { Notices } from "./parts/notices";
import { Voice } from "./parts/voice";
import { applyAppearance } from "./store/appearance";
import { hasDetails, type Store } from "./store/store";
import { VERSION } from "./version";

interface Part {
  readonly el: HTMLElement;
  update(): void;
  dispose?(): void;
}

/** The module with the other parts. */
interface Details {
  readonly styles: string;
  above(store: Store): Part[];
  below(store: Store): Part[];
  log(store: Store, heading: LogFold): Part;
}

const FRAMES_TO_SETTLE = 100;
const STYLED = ["iw-host", `iw-${VERSION}`];

// A command with two dollar signs is not a formula.
const ROOT = "div.iw.mathjax_ignore.tex2jax_ignore";

export class View {
  #root = h(ROOT, { tabindex: -1, role: "group", "aria-label": "Image progress" });
  #parts: Part[];
  #layers: Part;
  #log: LogFold;
  #details: "unneeded" | "coming" | "here" = "unneeded";
  #position = new Position(this.#root);
  #ends: (() => void)[];
  #wasShown = false;
  #isReleased = false;
  #isDisposed = false;
  #covered: ChildNode[] | null = null;
  #uncover: (() => void) | null = null;

  /** `covered`: the HTML in `host` that the view covers; null if `host` is only for the view. */
  constructor(
    private host: HTMLElement,
    private readonly store: Store,
    covered: ChildNode[] | null = null,
  ) {
    this.#layers = new Layers(store);
    this.#log = new LogFold(store, () => this.update());
    this.#parts = [
      new Voice(store),
      new Header(store),
      new Notices(store),
      this.#layers,
      this.#log,
    ];
    this.#root.append(...this.#parts.map((part) => part.el));
    this.#attachTo(host, covered);
    this.#ends = [
      watchTheme(this.#root),
      ownKeys(this.#root),
      store.subscribe(() => this.update()),
    ];
    this.update();
    restoreFocus(this.#root, store.memory);
    keepFocus(this.#root, store.memory);
  }

  update(): void {
    const { state, isStill } = this.store;
    const isWanted = hasDetails(state) || this.#log.fold.isOpen;
    if (isWanted && this.#details === "unneeded") this.#load();
    this.#cover(this.#details !== "coming" || this.store.link !== "gone");
    for (const part of this.#parts) part.update();
    if (!this.#wasShown && this.#root.isConnected) {
      this.#wasShown = true;
      applyStyles(css, this.#root);
    }
    this.#root.dataset.phase = state.phase;
    this.#root.dataset.still = String(isStill);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const end of this.#ends) end();
    this.#position.dispose();
    for (const part of this.#parts) part.dispose?.();
    this.#root.remove();
    this.#uncover?.();
  }

  /** Records that the front end is done with this view's element. */
  release(): void {
    this.#isReleased = true;
  }

  /** Whether the front end is done with this view's element, and no other was found since. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Whether the front end removed this view's element, perhaps without disposing of the view. */
  get isAdrift(): boolean {
    const isOut = this.#covered ? !this.host.isConnected : this.host.parentNode === null;
    return this.#isReleased || (this.#wasShown && isOut);
  }

  isIn(host: HTMLElement): boolean {
    return this.host === host;
  }

  /** Moves the view to another element, and keeps the reader's place. */
  moveTo(host: HTMLElement, covered: ChildNode[] | null = null): void {
    const restore = this.#position.keep();
    this.#isReleased = false;
    if (host !== this.host) this.#attachTo(host, covered);
    const settle = (frames: number) => {
      if (this.#root.isConnected) {
        restore();
        this.update();
      } else if (frames > 0) {
        // The front end adds `host` to the page a little later.
        requestAnimationFrame(() => settle(frames - 1));
      }
    };
    settle(FRAMES_TO_SETTLE);
  }

  #attachTo(host: HTMLElement, covered: ChildNode[] | null): void {
    this.#uncover?.();
    this.host = host;
    this.#covered = covered;
    host.classList.add(...STYLED);
    applyStyles(css, host);
    this.#uncover = null;
    if (covered) {
      const style = host.getAttribute("style") ?? "";
      host.removeAttribute("style");
      const undress = applyAppearance(this.store.model, host);
      this.#uncover = () => {
        undress();
        host.classList.remove(...STYLED);
        host.setAttribute("style", style);
        host.replaceChildren(...covered);
      };
      host.replaceChildren();
    }
    host.append(this.#root);
  }

  /** Covers the HTML or, where parts are missing that no kernel will send, shows it again. */
  #cover(covers: boolean): void {
    if (!this.#covered || covers === (this.#uncover !== null)) return;
    if (covers) {
      this.#attachTo(this.host, this.#covered);
    } else {
      this.#uncover?.();
      this.#uncover = null;
    }
  }

  async #load(): Promise<void> {
    this.#details = "coming";
    const details = await this.store.load<Details>("details");
    if (this.#isDisposed) return;
    this.#details = "here";
    applyStyles(details.styles, this.#root);
    const above = details.above(this.store);
    const below = details.below(this.store);
    this.#layers.el.before(...above.map((part) => part.el));
    this.#layers.el.after(...below.map((part) => part.el));
    this.#log.fill(() => details.log(this.store, this.#log));
    this.#parts.push(...above, ...below);
    this.update();
    restoreFocus(this.#root, this.store.memory);
  }
}
