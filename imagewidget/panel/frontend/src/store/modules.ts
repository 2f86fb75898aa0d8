// The modules of this front end: a page receives each once, for all panels of this version.

import { VERSION } from "../version";

const KEY = Symbol.for(`imagewidget:${VERSION}`);
const AGAIN = 3000; // ms until a module is asked for again; the pause doubles
const LONGEST = 60_000;

class Module {
  isHere = false;
  askedAt = Number.NEGATIVE_INFINITY;
  readonly loaded: Promise<unknown>;
  #load: (source: DataView) => void = () => {};

  constructor() {
    this.loaded = new Promise((resolve) => {
      this.#load = (source) => resolve(evaluate(source));
    });
  }

  receive(source: DataView): void {
    if (this.isHere) return;
    this.isHere = true;
    this.#load(source);
  }
}

async function evaluate(source: DataView): Promise<unknown> {
  const url = URL.createObjectURL(new Blob([source as BlobPart], { type: "text/javascript" }));
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function find(name: string): Module {
  const page = globalThis as { [KEY]?: Map<string, Module> };
  page[KEY] ??= new Map();
  const module = page[KEY].get(name) ?? new Module();
  page[KEY].set(name, module);
  return module;
}

/** Keeps a module that the kernel has sent. */
export const receive = (name: string, source: DataView): void => find(name).receive(source);

/**
 * Returns a module. While the page does not have it, calls `ask` now and then: the kernel may be
 * busy, and another panel's kernel may have gone. `isComing`: it is on its way without being asked.
 */
export function need<T>(
  name: string,
  ask: () => void,
  signal: AbortSignal,
  isComing = false,
): Promise<T> {
  const module = find(name);
  if (isComing) module.askedAt = performance.now();
  const look = (pause: number): void => {
    if (module.isHere || signal.aborted) return;
    const wait = module.askedAt + AGAIN - performance.now();
    if (wait > 0) {
      setTimeout(look, wait, pause); // another was asked just now: this one's turn comes after it
      return;
    }
    module.askedAt = performance.now();
    setTimeout(look, pause, Math.min(2 * pause, LONGEST));
    try {
      ask();
    } catch {} // a comm that was disposed of, perhaps only until its kernel is back
  };
  look(AGAIN);
  return module.loaded as Promise<T>;
}
