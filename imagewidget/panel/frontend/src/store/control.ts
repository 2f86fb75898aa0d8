// Sends messages on the control channel, which every kernel reads in a separate thread: they arrive
// even while a cell runs. Needed where the front end does not send comm messages to subshells.
import type { Model } from "./model";

const PATIENCE = 2000; // ms until a message is considered lost

// The part of JupyterLab's `Kernel.IKernelConnection` that is used here.
interface Kernel {
  clientId: string;
  username: string;
  commsOverSubshells?: string;
  supportsSubshells?: boolean;
  sendControlMessage(message: object, expectReply: boolean, disposeOnDone: boolean): Future;
}

interface Future {
  done: Promise<unknown>;
}

export class Control {
  #model: Model;
  #fallback: (content: object) => void;
  #isAnswered = true;
  #sent = 0;

  /** Messages that the kernel does not handle within two seconds are passed to `fallback`. */
  constructor(model: Model, fallback: (content: object) => void) {
    this.#model = model;
    this.#fallback = fallback;
  }

  send(content: object): void {
    const done = this.#isAnswered && this.#send(content);
    if (!done) {
      this.#fallback(content);
      return;
    }
    const timer = setTimeout(() => {
      this.#isAnswered = false;
      this.#fallback(content);
    }, PATIENCE);
    done.then(
      () => {
        this.#isAnswered = true;
        clearTimeout(timer);
      },
      () => {},
    );
  }

  #send(content: object): Promise<unknown> | undefined {
    const id = this.#model.get("_comm_id");
    try {
      const { kernel } = this.#model.widget_manager as { kernel: Kernel };
      if (!id || reachesSubshells(kernel)) return undefined;
      this.#sent += 1;
      const header = {
        date: new Date().toISOString(),
        msg_id: `${id}-${Date.now()}-${this.#sent}`,
        msg_type: "comm_msg",
        session: kernel.clientId,
        username: kernel.username,
        version: "5.3",
      };
      const message = {
        channel: "control",
        header,
        parent_header: {},
        metadata: {},
        content: { comm_id: id, data: { method: "custom", content } },
        buffers: [],
      };
      return kernel.sendControlMessage(message, false, true).done;
    } catch {
      return undefined; // the front end offers no connection, or it was disposed
    }
  }
}

/** Whether the front end itself sends comm messages to subshells, which run beside a cell. */
const reachesSubshells = (kernel: Kernel): boolean | undefined =>
  kernel.supportsSubshells && (kernel.commsOverSubshells ?? "disabled") !== "disabled";
