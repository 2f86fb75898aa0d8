// What a build shows in addition: its steps and its log. Loaded when the first panel needs it.

import css from "./css/building.css";
import { LogSection } from "./parts/log/logsection";
import { Steps } from "./parts/steps";
import type { Store } from "./store/store";

export const styles = css;

export const steps = (store: Store) => new Steps(store);
export const log = (store: Store) => new LogSection(store);
