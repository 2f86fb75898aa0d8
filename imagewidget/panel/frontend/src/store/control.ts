// A way to a kernel that computes, where the front end sends nothing to its subshells: the control
// channel, which every kernel reads on a thread of its own.
import type { Model } from "./model";

const PATIENCE = 2000; // ms until a message is taken for lost

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
  #otherwise: (content: object) => void;
  #isHeard = true;
  #sent = 0;

  /** What the kernel does not take within two seconds goes to `otherwise`. */
  constructor(model: Model, otherwise: (content: object) => void) {
    this.#model = model;
    this.#otherwise = otherwise;
  }

  send(content: object): void {
    const done = this.#isHeard && this.#send(content);
    if (!done) {
      this.#otherwise(content);
      return;
    }
    const timer = setTimeout(() => {
      this.#isHeard = false;
      this.#otherwise(content);
    }, PATIENCE);
    done.then(
      () => {
        this.#isHeard = true;
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
      return undefined; // no connection is handed over, or it was disposed
    }
  }
}

/** Whether the front end itself sends messages where they are handled while a cell runs. */
const reachesSubshells = (kernel: Kernel): boolean | undefined =>
  kernel.supportsSubshells && (kernel.commsOverSubshells ?? "disabled") !== "disabled";
