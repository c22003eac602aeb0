import type { BackendName } from "../settings";
import type { Backend } from "./backend";
import { localBackend } from "./local";
import { pgBackend } from "./pg";

/** Each value of `ROLLCALL_BACKEND`. A new one is a file of its own, a line here and a word in lib/settings.ts. */
const BACKENDS: Readonly<Record<BackendName, Backend>> = { local: localBackend, pg: pgBackend };

/** Gives a stack the backend that the settings ask for. */
export const placeState: Backend = (stack, id, settings) => BACKENDS[settings.backend](stack, id, settings);
