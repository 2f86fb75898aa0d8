// A request that a button made and that has not taken effect yet. `tick` is called once a second.

const UNHEARD_AFTER = 3; // seconds

/** Both in seconds after the button was pressed. */
interface Patience {
  /** When to send the request again. */
  again: number;
  /** When to give up, and offer the button again. */
  over?: number;
}

export class Asking {
  #seconds: number | null = null;

  constructor(private readonly patience: Patience) {}

  /** Whether the button was pressed, in any view, and the request is still pending. */
  get isWaiting(): boolean {
    return this.#seconds !== null;
  }

  /** Whether the request should have taken effect by now. */
  get isUnheard(): boolean {
    return (this.#seconds ?? 0) >= UNHEARD_AFTER;
  }

  press(): void {
    this.#seconds ??= 0;
  }

  end(): void {
    this.#seconds = null;
  }

  /** Counts one second; returns true when the request must be sent again. */
  tick(): boolean {
    if (this.#seconds === null) return false;
    this.#seconds += 1;
    if (this.#seconds === this.patience.over) this.end();
    return this.#seconds === this.patience.again;
  }
}
