// Downloads the whole log, gzipped, part by part.
import type { DownloadAnswer, Request } from "../../wire";

const PAUSE = 350; // ms between parts: a Jupyter server drops messages that exceed 1 MB/s
const PATIENCE = 8000; // ms without an answer

interface Pending {
  parts: BlobPart[];
  resolve: (text: Blob) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class Downloads {
  #pending = new Map<number, Pending>();

  constructor(private readonly send: (request: Request) => void) {}

  /** Returns the whole log as plain text. Rejects if the kernel does not respond. */
  fetch(): Promise<Blob> {
    const id = Math.floor(Math.random() * 2 ** 31);
    return new Promise((resolve, reject) => {
      const timer = this.#patience(id);
      this.#pending.set(id, { parts: [], resolve, reject, timer });
      this.send({ type: "download", id, part: 0 });
    });
  }

  received({ id, part, last }: DownloadAnswer, data: DataView | undefined): void {
    const pending = this.#pending.get(id);
    if (!pending || part !== pending.parts.length) return;
    clearTimeout(pending.timer);
    pending.parts.push(
      data ? new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength) : "",
    );
    if (last) {
      this.#pending.delete(id);
      unzip(new Blob(pending.parts)).then(pending.resolve, pending.reject);
      return;
    }
    pending.timer = this.#patience(id);
    setTimeout(() => this.send({ type: "download", id, part: part + 1 }), PAUSE);
  }

  #patience(id: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#pending.get(id)?.reject(new Error("The kernel does not respond."));
      this.#pending.delete(id);
    }, PATIENCE);
  }
}

async function unzip(file: Blob): Promise<Blob> {
  const text = await new Response(
    file.stream().pipeThrough(new DecompressionStream("gzip")),
  ).arrayBuffer();
  return new Blob([text], { type: "text/plain;charset=utf-8" });
}
