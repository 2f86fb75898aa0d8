// What a view shows besides the progress: attempts, the error, steps, warnings, and the log. Loaded
// when the first panel needs it.

import css from "./css/details.css";
import { Attempts } from "./parts/attempts";
import { ErrorCard } from "./parts/errorcard";
import { LogSection } from "./parts/log/logsection";
import type { LogFold } from "./parts/logfold";
import { Steps } from "./parts/steps";
import { Warnings } from "./parts/warnings";
import type { Store } from "./store/store";

export const styles = css;

/** Returns the parts in two groups: those that belong above the layers, and those below. */
export const above = (store: Store) => [new Attempts(store), new ErrorCard(store)];
export const below = (store: Store) => [new Steps(store), new Warnings(store)];
export const log = (store: Store, { fold }: LogFold) => new LogSection(store, fold);
