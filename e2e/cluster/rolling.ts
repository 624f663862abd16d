import assert from "node:assert/strict";
import { background, sleep } from "millrace/context";
import { type Cluster, type ClusterOptions, openCluster } from "millrace/http/node";
import { ClusterLoad, ask } from "./load.ts";

const worker = new URL("./worker.ts", import.meta.url);

/** open opens a cluster of two workers; what it logs is collected. */
export function open(logged: string[], options: Partial<ClusterOptions> = {}): Promise<Cluster> {
  const log = { error: (_: unknown, message: string) => void logged.push(message) };
  return openCluster(background, { addr: "127.0.0.1:0", worker, workers: 2, log, ...options });
}

/** rollUnderLoad restarts a cluster again and again while clients ask it, then shuts it down: nobody may notice. It gives the number of answers. */
export async function rollUnderLoad(rounds: number): Promise<number> {
  const logged: string[] = [];
  await using cluster = await open(logged);
  const load = new ClusterLoad(cluster.url);
  await until(() => load.tally.ok > 50);
  for (let round = 0; round < rounds; round++) {
    const before = cluster.pids;
    const answered = load.tally.ok;
    assert.deepEqual(await cluster.restart(background), { replaced: 2, cut: [] });
    assert.equal(cluster.pids.filter((pid) => before.includes(pid)).length, 0);
    await until(() => load.tally.ok > answered + 50);
  }
  assert.deepEqual([load.tally.refused, load.tally.failed], [0, []]);
  // The last worker that has the socket sees to those who wait in its queue.
  assert.deepEqual(await cluster.shutdown(background), []);
  const { ok, failed, pids } = await load.stop();
  assert.deepEqual(failed, []);
  assert.ok(ok > rounds * 50 && pids.size >= rounds, `${ok} answers by ${pids.size} processes`);
  assert.deepEqual(logged, []);
  await assert.rejects(ask(cluster.url), { code: "ECONNREFUSED" });
  return ok;
}

/** until waits until something is so. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await done())) {
    if (performance.now() > end) throw new Error("not in time");
    await sleep(background, 20);
  }
}
