import { aboutRunning } from "./policy.js";

/** A container that leaks is ended by itself instead of taking the host down. */
export const boundedMemory = aboutRunning(
  "bounded-memory",
  ({ memory, memory_swap }) => {
    if (memory <= 0) return "its memory is not bounded";
    return memory_swap === memory ? undefined : "its swap is not bounded";
  },
  "set memory, and memorySwap to the same (lib/docker/memory.ts)",
);
