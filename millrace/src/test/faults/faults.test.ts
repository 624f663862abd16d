import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { test } from "node:test";
import { chan, select } from "../../chan/index.ts";
import { type CancelCtx, type Ctx, background, sleep, withTimeout } from "../../context/index.ts";
import { Failure, codeOf } from "../../errors/index.ts";
import { Mutex } from "../../sync/index.ts";
import { bubble } from "../bubble.ts";
import { explore } from "../explore/explore.ts";
import { ExploreError } from "../explore/report.ts";
import { type FaultsOptions, faults } from "./faults.ts";
import type { FaultName } from "./plan.ts";

const CERTAIN: FaultsOptions = { rate: 1 };

// isInjected looks for a fault along the causes.
const isInjected = (err: unknown): boolean => {
  for (let e = err; e instanceof Error; e = e.cause) {
    if (e instanceof Failure && e.reason === "test/fault" && e.message.includes("injected")) return true;
  }
  return false;
};

async function outcomes(
  options: FaultsOptions,
  fn: (ctx: CancelCtx) => Promise<unknown>,
): Promise<{ ok: number; errors: unknown[]; cancels: number; longestMs: number }> {
  const seen = { ok: 0, errors: [] as unknown[], cancels: 0, longestMs: 0 };
  await explore(
    async (t) => {
      const ctx = faults(t.ctx, { ...CERTAIN, ...options });
      const began = performance.now();
      try {
        await fn(ctx);
        seen.ok++;
      } catch (err) {
        seen.errors.push(err);
      }
      if (ctx.err !== undefined) seen.cancels++;
      seen.longestMs = Math.max(seen.longestMs, performance.now() - began);
    },
    { runs: 60, leaks: false },
  );
  return seen;
}

const answering = (): Promise<Response> => Promise.resolve(new Response("a long enough answer"));

const table: {
  name: string;
  kinds: FaultName[];
  run: (ctx: Ctx) => Promise<unknown>;
  fails: boolean;
  delays: boolean;
}[] = [
  { name: "recv", kinds: ["abort"], run: (ctx) => chan(0).recv(withTimeout(ctx, 50)), fails: true, delays: false },
  {
    name: "send",
    kinds: ["abort"],
    run: (ctx) => chan<number>(0).send(withTimeout(ctx, 50), 1),
    fails: true,
    delays: false,
  },
  { name: "select", kinds: ["abort"], run: (ctx) => select(withTimeout(ctx, 50), {}), fails: true, delays: false },
  { name: "sleep", kinds: ["abort"], run: (ctx) => sleep(ctx, 50), fails: true, delays: false },
  { name: "sleep", kinds: ["delay"], run: (ctx) => sleep(ctx, 50), fails: false, delays: true },
  { name: "sleep", kinds: ["reject"], run: (ctx) => sleep(ctx, 50), fails: false, delays: false },
  {
    name: "lock",
    kinds: ["abort"],
    run: async (ctx) => {
      const mutex = new Mutex();
      mutex.tryLock();
      await mutex.lock(withTimeout(ctx, 50));
    },
    fails: true,
    delays: false,
  },
  { name: "fetch", kinds: ["reject"], run: () => fetch("http://x"), fails: true, delays: false },
  { name: "fetch", kinds: ["delay"], run: () => fetch("http://x"), fails: false, delays: true },
  { name: "fetch", kinds: ["abort"], run: async () => (await fetch("http://x")).text(), fails: true, delays: false },
  { name: "fs.stat", kinds: ["reject"], run: () => fs.stat("/"), fails: true, delays: false },
  { name: "fs.stat", kinds: ["delay"], run: () => fs.stat("/"), fails: false, delays: true },
];

test("a fault of each kind strikes where it can, looks real, and says that it was injected", async (t) => {
  const real = globalThis.fetch;
  globalThis.fetch = answering;
  t.after(() => (globalThis.fetch = real));
  for (const { name, kinds, run, fails, delays } of table) {
    await t.test(`${name}: ${kinds.join()}`, async () => {
      const asked: string[] = [];
      const points = (point: string): boolean => (asked.push(point), point === name);
      const { errors, ok, longestMs } = await outcomes({ kinds, maxDelayMs: 400, points }, run);
      const struck = errors.filter((err) => isInjected(err));
      assert.equal(struck.length > 0, fails, `${errors.length} errors`);
      assert.ok(ok > 0 || errors.length > struck.length, "it does not strike always");
      for (const err of struck) assert.match(codeOf(err), /^(unavailable|canceled)$/);
      assert.equal(longestMs >= 100, delays, `${longestMs} ms`);
      assert.ok(longestMs <= 450, `${longestMs} ms`);
      assert.equal(asked.includes(name), !kinds.includes("reject") || fails);
    });
  }
});

test("the errors are of the kinds that the real things give", async (t) => {
  const real = globalThis.fetch;
  globalThis.fetch = answering;
  t.after(() => (globalThis.fetch = real));
  const sent = await outcomes({ kinds: ["reject"] }, () => fetch("http://x"));
  for (const err of sent.errors) assert.ok(err instanceof TypeError && err.message === "fetch failed");
  const cut = await outcomes({ kinds: ["abort"] }, async () => (await fetch("http://x")).text());
  for (const err of cut.errors) assert.ok(err instanceof TypeError && err.message === "terminated");
  const read = await outcomes({ kinds: ["reject"] }, () => fs.readFile("/etc/hostname"));
  for (const err of read.errors) assert.equal((err as NodeJS.ErrnoException).code, "EIO");
  const slept = await outcomes({ kinds: ["abort"] }, (ctx) => sleep(ctx, 50));
  for (const err of slept.errors) assert.equal((err as Failure).code, "canceled");
  assert.ok([sent, cut, read, slept].every(({ errors }) => errors.length > 0));
  assert.equal(slept.cancels, slept.errors.length, "whose wait was aborted, his context has ended");
});

test("what was sent is not rejected, and arrives once", async () => {
  await explore(
    async (t) => {
      const ctx = faults(t.ctx, CERTAIN);
      const ch = chan<number>(0);
      let sent = false;
      const sending = ch.send(withTimeout(ctx, 1000), 1).then(
        () => (sent = true),
        () => {},
      );
      const got = await ch.recv(withTimeout(t.ctx, 100)).catch(() => undefined);
      await sending;
      assert.equal(sent, got === 1);
    },
    { runs: 200 },
  );
});

test("only what runs under the context is struck, and only until it ends", async () => {
  await bubble(async (t) => {
    const points: string[] = [];
    const ctx = faults(t.ctx, { ...CERTAIN, points: (point) => (points.push(point), false) });
    await sleep(t.ctx, 1);
    await chan(1).send(ctx, 1);
    assert.deepEqual(points, [], "another's context, and what did not wait");
    await sleep(ctx, 1);
    await fs.stat("/");
    assert.deepEqual(points, ["sleep", "fs.stat"]);
    ctx.cancel();
    await fs.stat("/");
    assert.equal(points.length, 2);
  });
});

test("outside of explore the faults follow from the seed", async () => {
  const run = async (seed: number): Promise<string> => {
    using ctx = faults(background, { rate: 0.5, seed, kinds: ["reject"] });
    let pattern = "";
    for (let i = 0; i < 40; i++) {
      pattern += await fs.stat("/").then(
        () => ".",
        () => "x",
      );
    }
    assert.equal(ctx.err, undefined);
    return pattern;
  };
  const first = await run(1);
  assert.equal(await run(1), first);
  assert.notEqual(await run(2), first);
  assert.match(first, /x/);
  assert.match(first, /\./);
  await fs.stat("/");
});

test("outside of worlds a wait is aborted, too, and nothing stays installed", async () => {
  const { stat } = fs;
  {
    using ctx = faults(background, { ...CERTAIN, kinds: ["abort"] });
    await assert.rejects(async () => {
      for (let i = 0; i < 50; i++) await sleep(ctx, 1);
    }, isInjected);
  }
  await new Promise((resolve) => void setImmediate(resolve));
  assert.equal(fs.stat, stat);
});

test("a missing clean-up path, which no schedule shows without faults", async () => {
  const program =
    (fixed: boolean, harm: (ctx: Ctx) => Ctx) =>
    async (t: { ctx: Ctx }): Promise<void> => {
      const ctx = harm(t.ctx);
      const mutex = new Mutex();
      const order = async (): Promise<void> => {
        using request = withTimeout(ctx, 5000);
        const guard = await mutex.lock(request);
        if (fixed) {
          using _ = guard;
          await sleep(request, 10);
        } else {
          await sleep(request, 10);
          guard[Symbol.dispose]();
        }
      };
      await Promise.allSettled([order(), order()]);
      // Whatever has gone wrong, nobody holds the lock.
      assert.ok(mutex.tryLock());
    };
  const few = { runs: 200 };
  await explore(
    program(false, (ctx) => ctx),
    few,
  );
  await explore(
    program(true, (ctx) => faults(ctx)),
    few,
  );
  const found = await explore(
    program(false, (ctx) => faults(ctx)),
    few,
  ).catch((err: unknown) => err);
  assert.ok(found instanceof ExploreError, String(found));
  const again = await explore(
    program(false, (ctx) => faults(ctx)),
    { replay: found.replay },
  ).catch((err: unknown) => err);
  assert.ok(again instanceof ExploreError, "it replays");
  assert.ok(found.switches <= 2, `shrunk to ${found.switches}`);
});

test("options are checked", () => {
  for (const rate of [0, -1, 1.1, NaN]) assert.throws(() => faults(background, { rate }), RangeError);
  for (const maxDelayMs of [0, Infinity, NaN]) assert.throws(() => faults(background, { maxDelayMs }), RangeError);
});
