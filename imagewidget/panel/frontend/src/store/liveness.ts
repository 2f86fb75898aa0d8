// Whether a model is still connected to its kernel.
import type { Model } from "./model";

interface Manager {
  get_model?(id: string): Promise<{ comm_live?: boolean }>;
}

/** Calls `changed` now and whenever the front end has noticed a change. Returns its end. */
export function watchLink(model: Model, changed: (alive: boolean) => void): () => void {
  const look = async (): Promise<void> => {
    const manager = model.widget_manager as Manager | undefined;
    try {
      const own = await manager?.get_model?.(String(model.get("_mount")));
      changed(own?.comm_live !== false);
    } catch {
      changed(false); // the front end has forgotten the model
    }
  };
  const listen = (): void => void look();
  model.on("comm_live_update", listen);
  listen();
  return () => model.off("comm_live_update", listen);
}
