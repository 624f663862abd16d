import assert from "node:assert/strict";
import { test } from "node:test";
import { background, sleep, withCancel } from "../context/index.ts";
import { collected } from "../context/testing/observe.ts";
import { SingleFlight, go, group } from "./index.ts";
import { alive, hops } from "./testing/hops.ts";

test("251: a context that lives on keeps nothing of the tasks, groups and flights that have ended", async () => {
  const ctx = withCancel(background);
  const refs: WeakRef<object>[] = [];
  const kept = <T extends object>(value: T): T => (refs.push(new WeakRef(value)), value);
  const flights = new SingleFlight<number, object>();
  const before = alive();
  // In a function of its own: a frame that runs holds on to what its last turn has seen.
  const round = async (i: number): Promise<void> => {
    await kept(go(ctx, (inner) => void kept(inner)));
    const g = kept(group(ctx, { limit: 1 }));
    for (let n = 0; n < 3; n++) void g.go((inner) => void kept(inner));
    await g.wait();
    const leaving = withCancel(ctx);
    const flight = flights.do(leaving, i, (inner) => sleep(kept(inner), 60_000).then(() => ({})));
    await hops(1);
    leaving.cancel();
    await assert.rejects(flight);
    await flights.do(ctx, i, (inner) => kept(inner));
  };
  for (let i = 0; i < 50; i++) await round(i);
  await collected(refs);
  const after = alive();
  assert.ok(after <= before, `${after} are alive, ${before} before`);
  ctx.cancel();
});
