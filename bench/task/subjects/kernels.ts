import assert from "node:assert/strict";
import { printNanoseconds } from "../../lib/kernel.ts";

/** Competitor is one way to run tasks. */
export interface Competitor {
  /** spawnJoin starts a task that gives i and waits for it, for i from 0 to count, and adds the results up. */
  spawnJoin(count: number): Promise<number>;
  /** spawnJoinBatch starts `size` tasks that give 0, 1, …, waits for all, and adds the results up. */
  spawnJoinBatch(size: number): Promise<number>;
  /** block starts tasks that wait for one thing, and counts those that came to wait; release lets them go on. */
  block(count: number): Promise<{ waiting(): number; release(): Promise<number> }>;
}

const COUNT = 200_000;
const SIZE = 1_000;
const MILLION = 1_000_000;

/** sumTo is 0 + 1 + … + (n - 1). */
const sumTo = (n: number): number => (n * (n - 1)) / 2;

/** runKernel runs the case that BENCH_CASE names. */
export async function runKernel(competitor: Competitor): Promise<void> {
  const name = process.env["BENCH_CASE"];
  if (name === "spawn-join") {
    assert.equal(await competitor.spawnJoin(1_000), sumTo(1_000));
    await printNanoseconds({ count: COUNT }, () => competitor.spawnJoin(COUNT));
  } else if (name === "spawn-join-batch") {
    assert.equal(await competitor.spawnJoinBatch(SIZE), sumTo(SIZE));
    await printNanoseconds({ count: COUNT }, async () => {
      for (let i = 0; i < COUNT / SIZE; i++) await competitor.spawnJoinBatch(SIZE);
    });
  } else {
    const few = await competitor.block(100);
    assert.equal(few.waiting(), 100);
    assert.equal(await few.release(), 100);
    const before = process.cpuUsage();
    const million = await competitor.block(MILLION);
    const { user, system } = process.cpuUsage(before);
    assert.equal(million.waiting(), MILLION);
    const bytes = process.resourceUsage().maxRSS * 1024;
    const value = name === "million-blocked-time" ? ((user + system) * 1_000) / MILLION : bytes / MILLION;
    console.log(JSON.stringify({ value }));
    // Without letting them go: that is another case.
    process.exit(0);
  }
}
