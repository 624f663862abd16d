import assert from "node:assert/strict";
import { handOff } from "../budget.ts";

/** useUpSlice wakes nobody until a wake-up waits for the next turn of the event loop, and so do all that follow. */
export function useUpSlice(): void {
  let woken = true;
  for (let steps = 0; woken; steps++) {
    assert.ok(steps < 1_000_000, "the slice has no end");
    woken = false;
    handOff(() => (woken = true), undefined);
  }
}
