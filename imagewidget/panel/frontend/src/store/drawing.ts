// Draws the views after changes, at most once per animation frame.

export class Drawing {
  #views = new Set<() => void>();
  #frame = 0;

  /** Calls `view` after changes. Returns a function that unsubscribes it. */
  subscribe(view: () => void): () => void {
    this.#views.add(view);
    return () => this.#views.delete(view);
  }

  changed(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      for (const view of this.#views) view();
    });
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
  }
}
