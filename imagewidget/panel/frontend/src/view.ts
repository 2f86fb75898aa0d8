// One view of a job: its parts, and the element that it is shown in.
import { h } from "./kit/dom";
import { keepFocus, ownKeys } from "./kit/focus";
import { Position } from "./kit/position";
import { watchTheme } from "./kit/theme";
import { ErrorCard } from "./parts/errorcard";
import { Header } from "./parts/header";
import { Layers } from "./parts/layers";
import { LogSection } from "./parts/log/logsection";
import { Notices, Warnings } from "./parts/notices";
import { Steps } from "./parts/steps";
import { Voice } from "./parts/voice";
import type { Store } from "./store/store";

interface Part {
  readonly el: HTMLElement;
  update(): void;
  dispose?(): void;
}

const DISCONNECTED = "jupyter-widgets-disconnected";
const FRAMES_TO_SETTLE = 100;

export class View {
  #root = h("div.iw", { tabindex: -1, role: "group", "aria-label": "Image progress" });
  #parts: Part[];
  #position = new Position(this.#root);
  #ends: (() => void)[];
  #wasShown = false;

  constructor(
    private host: HTMLElement,
    private readonly store: Store,
  ) {
    this.#parts = [
      new Voice(store),
      new Header(store),
      new Notices(store),
      new ErrorCard(store),
      new Layers(store),
      new Steps(store),
      new Warnings(store),
      new LogSection(store),
    ];
    this.#root.append(...this.#parts.map((part) => part.el));
    this.#attachTo(host);
    this.#ends = [
      watchTheme(this.#root),
      ownKeys(this.#root),
      store.subscribe(() => this.update()),
    ];
    store.model.on("comm_live_update", this.#checkLink);
    this.#checkLink();
    this.update();
    keepFocus(this.#root, store.memory);
  }

  update(): void {
    for (const part of this.#parts) part.update();
    this.#wasShown ||= this.#root.isConnected;
    this.#root.dataset.phase = this.store.state.phase;
    this.#root.dataset.still = String(this.store.isStill);
  }

  dispose(): void {
    for (const end of this.#ends) end();
    this.store.model.off("comm_live_update", this.#checkLink);
    for (const part of this.#parts) part.dispose?.();
    this.#root.remove();
  }

  /** Whether the front end removed this view's element without disposing of the view. */
  get isAdrift(): boolean {
    return this.host.parentNode === null && this.#wasShown;
  }

  isIn(host: HTMLElement): boolean {
    return this.host === host;
  }

  /** Moves the view to another element, and keeps its scroll positions and the focus. */
  moveTo(host: HTMLElement): void {
    const restore = this.#position.keep();
    this.#attachTo(host);
    const settle = (frames: number) =>
      requestAnimationFrame(() => {
        // The front end adds `host` to the page a little later.
        if (!this.#root.isConnected) {
          if (frames > 0) settle(frames - 1);
          return;
        }
        restore();
        this.update();
      });
    settle(FRAMES_TO_SETTLE);
    this.#checkLink();
  }

  #attachTo(host: HTMLElement): void {
    this.host = host;
    host.classList.add("iw-host");
    host.append(this.#root);
  }

  /** Reads the class with which the front end marks a view whose comm has lost its kernel. */
  #checkLink = (): void => {
    this.store.setAlive(!this.host.classList.contains(DISCONNECTED));
  };
}
