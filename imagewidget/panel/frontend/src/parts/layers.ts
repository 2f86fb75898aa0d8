// The layers of an image, in order. If there are more than twelve, inactive ones are folded.
import { Bar } from "../kit/bar";
import { h, type Row, Rows, setAttribute, setText, show } from "../kit/dom";
import { Fold } from "../kit/fold";
import { bytes, count, plural, progress, speed } from "../kit/format";
import { icon, setIcon } from "../kit/icons";
import type { Store } from "../store/store";
import type { Layer, LayerPhase } from "../wire";
import { LAYERS } from "./words";

const SHOWN_AT_ONCE = 12;
const NEW_ROWS_AT_ONCE = 20;

type Group = "ready" | "waiting";

// Active layers are in neither group.
const GROUPS: Record<Group, LayerPhase[]> = {
  ready: ["done", "cached"],
  waiting: ["downloaded", "queued", "stopped"],
};

interface Item {
  key: string;
  layer?: Layer;
  group?: Group;
  members: Layer[];
}

export class Layers {
  readonly el: HTMLElement;
  #fold: Fold;
  #list = h("ul.iw-rows");
  #rows: Rows<Item>;
  #most = 0;
  #drawn = 0;

  constructor(private readonly store: Store) {
    this.#fold = new Fold("Layers", store.memory.folds);
    this.#rows = new Rows<Item>(this.#list, (item) =>
      item.group ? this.#makeGroup(item.group) : makeLayer(store),
    );
    this.#fold.body.append(this.#list);
    this.el = this.#fold.el;
  }

  update(): void {
    const { layers } = this.store.state;
    show(this.el, layers.length > 0);
    if (layers.length === 0) return;
    this.#fold.note(note(layers));
    if (!this.#fold.isOpen) return;
    const items = arrange(layers, (group) => this.#isOpen(group));
    // New rows are made a few per animation frame, so that many of them do not block the page.
    this.#drawn = Math.min(items.length, this.#drawn + NEW_ROWS_AT_ONCE);
    if (this.#drawn < items.length) this.store.changed();
    this.#rows.update(items.slice(0, this.#drawn), (item) => item.key);
    // If the list shrank while the job runs, the page below it would jump.
    this.#most = this.store.isOver ? 0 : Math.max(this.#most, items.length);
    this.#list.style.setProperty("--iw-rows", String(this.#most));
    setAttribute(this.#list, "data-many", items.length > SHOWN_AT_ONCE);
  }

  #isOpen(group: Group): boolean {
    return this.store.memory.folds.get(group) ?? false;
  }

  #makeGroup(group: Group): Row<Item> {
    const word = h("span.iw-group-word");
    const size = h("span.iw-group-size");
    const button = h("button.iw-group", { type: "button" }, icon("chevron"), word, size);
    button.addEventListener("click", () => {
      this.store.memory.folds.set(group, !this.#isOpen(group));
      this.store.changed();
    });
    return {
      el: h("li.iw-row-group", { "data-group": group }, button),
      update: ({ members }) => {
        setText(word, groupWord(group, members));
        setText(size, totalSize(members));
        setAttribute(button, "aria-expanded", String(this.#isOpen(group)));
      },
    };
  }
}

export function groupOf(layer: Layer): Group | null {
  const has = (group: Group) => GROUPS[group].includes(layer.phase);
  return has("ready") ? "ready" : has("waiting") ? "waiting" : null;
}

/** Returns the rows: every layer, or only the active ones between one row for each group. */
export function arrange(layers: readonly Layer[], isOpen: (group: Group) => boolean): Item[] {
  const all = layers.map((layer, index): Item => ({ key: `${index}`, layer, members: [] }));
  if (layers.length <= SHOWN_AT_ONCE) return all;
  const members = (group: Group) => layers.filter((layer) => groupOf(layer) === group);
  const line = (group: Group): Item[] => {
    const found = members(group);
    return found.length > 0 ? [{ key: group, group, members: found }] : [];
  };
  const isShown = ({ layer }: Item) => {
    const group = layer ? groupOf(layer) : null;
    return group === null || isOpen(group);
  };
  return [...line("ready"), ...all.filter(isShown), ...line("waiting")];
}

function groupWord(group: Group, members: readonly Layer[]): string {
  const parts: string[] = [];
  for (const phase of GROUPS[group]) {
    const found = members.filter((layer) => layer.phase === phase).length;
    if (found === 0) continue;
    const word = LAYERS[phase].word + (phase === "downloaded" ? ", not yet extracted" : "");
    parts.push(`${parts.length ? found : plural(found, "layer")} ${word}`);
  }
  return parts.join(" · ");
}

function totalSize(layers: readonly Layer[]): string {
  const size = layers.reduce((sum, layer) => sum + (layer.total ?? 0), 0);
  return size > 0 ? bytes(size) : "";
}

function note(layers: readonly Layer[]): string {
  const ready = layers.filter((layer) => groupOf(layer) === "ready").length;
  return `${ready} of ${layers.length}`;
}

function makeLayer(store: Store): Row<Item> {
  const sign = icon("clock");
  const id = h("bdi.iw-layer-id");
  const phase = h("span.iw-layer-phase");
  const size = h("span.iw-layer-size");
  const rate = h("span.iw-layer-speed");
  const bar = new Bar();
  const el = h("li.iw-layer", {}, sign, id, bar.el, size, rate, phase);
  return {
    el,
    update: ({ layer }) => {
      if (!layer) return;
      const { word, icon: name, tone } = LAYERS[layer.phase];
      setIcon(sign, name);
      setText(id, layer.id);
      setAttribute(id, "title", layer.id);
      setText(phase, word);
      setText(size, sizeText(layer));
      setText(rate, layer.speed && tone === "busy" && !store.isStill ? speed(layer.speed) : "");
      setAttribute(el, "data-tone", tone);
      setAttribute(el, "data-phase", layer.phase);
      bar.set({
        label: `Layer ${layer.id}: ${word}`,
        tone: tone === "idle" ? "" : tone,
        text: sizeText(layer),
        ...shares(layer),
      });
    },
  };
}

function sizeText(layer: Layer): string {
  if (layer.phase === "extracting") {
    if (layer.extract_seconds !== null) return `${count(layer.extract_seconds)} s`;
    if (layer.extract_total) return progress(layer.extracted, layer.extract_total);
  }
  if (["downloading", "retrying", "stopped"].includes(layer.phase)) {
    return layer.current > 0 || layer.total ? progress(layer.current, layer.total) : "";
  }
  return layer.total ? bytes(layer.total) : "";
}

/** Returns the shares for the two tones of a layer's bar; null if the total is unknown. */
export function shares(layer: Layer): { value: number | null; second: number } {
  const downloaded = layer.total ? Math.min(1, layer.current / layer.total) : null;
  switch (layer.phase) {
    case "done":
    case "cached":
      return { value: 1, second: 1 };
    case "extracting":
      if (!layer.extract_total) return { value: null, second: 0 };
      return { value: 1, second: Math.min(1, layer.extracted / layer.extract_total) };
    case "verifying":
    case "downloaded":
      return { value: 1, second: 0 };
    case "downloading":
      return { value: downloaded, second: 0 };
    default:
      return { value: downloaded ?? 0, second: 0 };
  }
}
