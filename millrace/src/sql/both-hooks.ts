import { type PoolHooks, quietly } from "./hooks.ts";

/** bothHooks tells two of everything, traces and metrics, say; each as if it were alone. */
export function bothHooks(first: PoolHooks, second: PoolHooks): PoolHooks {
  return {
    acquire(ctx, event) {
      quietly(() => first.acquire?.(ctx, event));
      quietly(() => second.acquire?.(ctx, event));
    },
    query(ctx, event) {
      quietly(() => first.query?.(ctx, event));
      quietly(() => second.query?.(ctx, event));
    },
  };
}
