// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { arrange, groupOf, Layers, shares } from "../../src/parts/layers";
import type { Layer, LayerPhase } from "../../src/wire";
import { layer, storeOf } from "../helpers";

const some = (count: number, phase: LayerPhase): Layer[] =>
  Array.from({ length: count }, (_, index) => layer({ id: `${phase}${index}`, phase }));

it.each([
  [layer({ phase: "downloading" }), { value: 0.4, second: 0 }],
  [layer({ phase: "downloading", total: null }), { value: null, second: 0 }],
  [layer({ phase: "downloading", current: 2000 }), { value: 1, second: 0 }],
  [layer({ phase: "extracting" }), { value: null, second: 0 }],
  [layer({ phase: "extracting", extracted: 1, extract_total: 4 }), { value: 1, second: 0.25 }],
  [layer({ phase: "cached", total: null }), { value: 1, second: 1 }],
  [layer({ phase: "queued", current: 0, total: null }), { value: 0, second: 0 }],
])("computes the shares of a bar: %j", (given, bar) => expect(shares(given)).toEqual(bar));

it("shows the seconds of extraction of an engine that counts no bytes then", () => {
  const extracting = layer({ phase: "extracting", extract_seconds: 12 });
  const store = storeOf({ layers: [extracting] });
  const layers = new Layers(store);
  layers.update();
  expect(layers.el.querySelector(".iw-layer-size")?.textContent).toBe("12 s");
  store.dispose();
});

it("shows every layer of a small image", () => {
  const shown = arrange([...some(6, "done"), ...some(6, "queued")], () => false);
  expect(shown).toHaveLength(12);
});

it("folds the inactive layers when there are many, and shows the active ones", () => {
  const layers = [...some(30, "done"), ...some(3, "downloading"), ...some(30, "queued")];
  const shown = arrange(layers, () => false);
  expect(shown.map(({ key }) => key)).toEqual(["ready", "30", "31", "32", "waiting"]);
  expect(arrange(layers, (group) => group === "ready")).toHaveLength(35);
});

it("does not count a layer that is being extracted as waiting", () => {
  expect(groupOf(layer({ phase: "extracting" }))).toBeNull();
  expect(groupOf(layer({ phase: "downloaded" }))).toBe("waiting");
  expect(groupOf(layer({ phase: "stopped" }))).toBe("waiting");
});

it("shows a layer's bytes, and markup in its id as text", () => {
  const store = storeOf({ layers: [layer({ id: "<script>x</script>" })] });
  const layers = new Layers(store);
  layers.update();
  const row = layers.el.querySelector(".iw-layer");
  expect(row?.querySelector(".iw-layer-id")?.textContent).toBe("<script>x</script>");
  expect(row?.querySelector(".iw-layer-size")?.textContent).toBe("400\u00a0B / 1.00\u00a0kB");
  expect(row?.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("40");
  expect(layers.el.querySelector("script")).toBeNull();
  store.dispose();
});

it("opens a folded group when it is clicked", () => {
  const store = storeOf({ layers: some(20, "done") });
  const layers = new Layers(store);
  layers.update();
  expect(layers.el.querySelectorAll(".iw-layer")).toHaveLength(0);
  const group = layers.el.querySelector<HTMLButtonElement>(".iw-group");
  expect(group?.textContent).toContain("20 layers done");
  group?.click();
  layers.update();
  layers.update(); // twenty new rows are made per frame
  expect(layers.el.querySelectorAll(".iw-layer")).toHaveLength(20);
  expect(group?.getAttribute("aria-expanded")).toBe("true");
  store.dispose();
});

it.each<["pulling" | "cancelled", string]>([
  ["pulling", "2.50\u00a0MB/s"],
  ["cancelled", ""],
])("shows the speed of a layer only while the job runs: %s", (phase, text) => {
  const store = storeOf({ phase, layers: [layer({ speed: 2_500_000 })] });
  const layers = new Layers(store);
  layers.update();
  expect(layers.el.querySelector(".iw-layer-speed")?.textContent).toBe(text);
  store.dispose();
});
