// A button that was pressed and is not yet obeyed. The clock is whoever calls `tick`, once a second.

const UNHEARD_AFTER = 3; // seconds

/** In seconds after the button was pressed. */
interface Patience {
  /** When the kernel is asked once more. */
  again: number;
  /** When nothing more is expected of it, and the button is offered again. */
  over?: number;
}

export class Asking {
  #seconds: number | null = null;

  constructor(private readonly patience: Patience) {}

  /** Whether it was pressed, in any view, and is still to be obeyed. */
  get isWaiting(): boolean {
    return this.#seconds !== null;
  }

  /** Whether it should have been obeyed by now. */
  get isUnheard(): boolean {
    return (this.#seconds ?? 0) >= UNHEARD_AFTER;
  }

  press(): void {
    this.#seconds ??= 0;
  }

  end(): void {
    this.#seconds = null;
  }

  /** One second more; true when the kernel is to be asked again. */
  tick(): boolean {
    if (this.#seconds === null) return false;
    this.#seconds += 1;
    if (this.#seconds === this.patience.over) this.end();
    return this.#seconds === this.patience.again;
  }
}
