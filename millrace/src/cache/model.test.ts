import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { background } from "../context/index.ts";
import { openCache } from "./index.ts";

const MAX_ENTRIES = 4;
const MAX_WEIGHT = 12;
const TTL_MS = 10;
const STALE_MS = 5;

interface Held {
  readonly key: number;
  readonly value: number;
  readonly at: number;
}

/** The cache as a list, the one used last at its end. */
class Model {
  held: Held[] = [];
  now = 0;

  get(key: number, loaded: number): number {
    const found = this.held.find((each) => each.key === key);
    if (found === undefined || this.now - found.at >= TTL_MS + STALE_MS) return this.set(key, loaded);
    this.held = [...this.held.filter((each) => each !== found), found];
    // A load in the background ends before the next step.
    if (this.now - found.at >= TTL_MS) this.set(key, loaded);
    return found.value;
  }

  set(key: number, value: number): number {
    this.delete(key);
    if (value <= MAX_WEIGHT) this.held.push({ key, value, at: this.now });
    while (this.held.length > MAX_ENTRIES || this.weight > MAX_WEIGHT) this.held.shift();
    return value;
  }

  delete(key: number): void {
    this.held = this.held.filter((each) => each.key !== key);
  }

  get weight(): number {
    return this.held.reduce((sum, { value }) => sum + value, 0);
  }
}

test("does as a list would that is searched and sorted at every step", async () => {
  const key = fc.nat(7);
  const value = fc.nat(14);
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant("get" as const), key, value }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("set" as const), key, value }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), key, value }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), key, value }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const model = new Model();
      await using cache = openCache<number, number>(background, {
        maxEntries: MAX_ENTRIES,
        maxWeight: MAX_WEIGHT,
        weigh: (value) => value,
        ttlMs: TTL_MS,
        staleMs: STALE_MS,
        jitter: 0,
        clock: { now: () => model.now, elapsed: () => model.now },
      });
      for (const { do: what, key, value } of steps) {
        if (what === "wait") model.now += value;
        else if (what === "set") cache.set(key, model.set(key, value));
        else if (what === "delete") cache.delete((model.delete(key), key));
        else assert.equal(await cache.get(background, key, () => value), model.get(key, value));
        await new Promise(setImmediate);
        const { size, weight } = cache.stats();
        assert.deepEqual([size, weight], [model.held.length, model.weight]);
      }
    }),
    { numRuns: 200 },
  );
});
