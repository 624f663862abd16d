import assert from "node:assert/strict";
import { test } from "node:test";
import { background, sleep } from "../context/index.ts";
import { bubble } from "../test/index.ts";
import { LineLimit } from "./line-limit.ts";

test("several stalls in a second are one line at once, and then one of the longest", () =>
  bubble(async () => {
    const lines: [atMs: number, attrs: unknown][] = [];
    const begin = performance.now();
    const limit = new LineLimit({ warn: (_ctx, _msg, attrs) => lines.push([performance.now() - begin, attrs]) });
    const add = (durationMs: number): void => limit.add(durationMs, { ctx: background, attrs: { durationMs } });
    const ticks = async (ms: number): Promise<void> => {
      for (const until = performance.now() + ms; performance.now() < until; limit.tick(performance.now()))
        await sleep(background, 100);
    };
    for (const durationMs of [200, 300, 500, 400]) {
      add(durationMs);
      await ticks(200);
    }
    assert.deepEqual(lines, [[0, { durationMs: 200 }]]);
    await ticks(400);
    assert.deepEqual(lines.slice(1), [[1000, { durationMs: 500, others: 2 }]]);
    // One that nothing followed is held no longer, and says nothing of others.
    add(250);
    await ticks(2000);
    add(260);
    assert.deepEqual(lines.slice(2), [
      [2000, { durationMs: 250 }],
      [3200, { durationMs: 260 }],
    ]);
    // What is held when the watch ends is not lost.
    add(270);
    limit.flush();
    limit.flush();
    assert.deepEqual(lines.slice(4), [[3200, { durationMs: 270 }]]);
  }));
