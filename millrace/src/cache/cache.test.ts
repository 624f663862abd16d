import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Canceled, type Ctx, background, sleep, withCancel, withTimeout } from "../context/index.ts";
import { Failure, is } from "../errors/index.ts";
import { runningTasks } from "../task/index.ts";
import { bubble, explore } from "../test/index.ts";
import { type Cache, type CacheOptions, openCache } from "./index.ts";

const missing = new Failure("no such user", { code: "not_found", reason: "users/missing" });
const broken = new Failure("no database", { code: "unavailable", reason: "sql/connect" });

/** A cache for a minute, and a source that counts: each load takes `loadMs` and gives the number of the load. */
function setup(options: Partial<CacheOptions<string, number>> = {}, loadMs = 10) {
  const cache: Cache<string, number> = openCache<string, number>(background, {
    maxEntries: 10,
    ttlMs: 60_000,
    jitter: 0,
    random: () => 0,
    ...options,
  });
  const source = { loads: 0, err: undefined as unknown };
  const load = async (ctx: Ctx): Promise<number> => {
    const number = ++source.loads;
    await sleep(ctx, loadMs);
    if (source.err !== undefined) throw source.err;
    return number;
  };
  const get = (key = "k", ctx: Ctx = background): Promise<number> => cache.get(ctx, key, load);
  return { cache, source, load, get };
}

describe("a value", () => {
  const cases: { name: string; options?: Partial<CacheOptions<string, number>>; afterMs: number; want: number }[] = [
    { name: "is fresh until its time", afterMs: 59_999, want: 1 },
    { name: "is over at its time", afterMs: 60_000, want: 2 },
    { name: "is over earlier by the jitter", options: { jitter: 0.5, random: () => 0.5 }, afterMs: 45_000, want: 2 },
    { name: "is fresh until the jitter", options: { jitter: 0.5, random: () => 0.5 }, afterMs: 44_000, want: 1 },
    { name: "is given when it is stale", options: { staleMs: 1000 }, afterMs: 60_999, want: 1 },
    { name: "is not given when it was stale for too long", options: { staleMs: 1000 }, afterMs: 61_000, want: 2 },
  ];
  for (const { name, options, afterMs, want } of cases) {
    test(name, () =>
      bubble(async () => {
        const { get } = setup(options);
        assert.equal(await get(), 1);
        await sleep(background, afterMs);
        assert.equal(await get(), want);
        await sleep(background, 1000);
      }),
    );
  }
});

test("what is stale is renewed once, in the background, for all who ask", () =>
  bubble(async () => {
    const { cache, get } = setup({ staleMs: 10_000 });
    await get();
    await sleep(background, 61_000);
    assert.deepEqual(await Promise.all([get(), get(), get()]), [1, 1, 1]);
    await sleep(background, 20);
    assert.equal(await get(), 2);
    const { hits, misses, stale, loads, errors } = cache.stats();
    assert.deepEqual({ hits, misses, stale, loads, errors }, { hits: 1, misses: 1, stale: 3, loads: 2, errors: 0 });
  }));

test("a refresh outlives the request that has caused it, has its own deadline, and ends with the cache", () =>
  bubble(async () => {
    const ends: string[] = [];
    const cache = openCache<string, number>(background, {
      maxEntries: 1,
      ttlMs: 1000,
      staleMs: 60_000,
      refreshTimeoutMs: 500,
    });
    cache.set("k", 1);
    const hang = async (ctx: Ctx): Promise<number> => {
      await sleep(ctx, 3_600_000).catch((err: unknown) => ends.push((err as Error).name));
      throw broken;
    };
    await sleep(background, 1000);
    const request = withCancel(background);
    assert.equal(await cache.get(request, "k", hang), 1);
    request.cancel();
    await sleep(background, 499);
    assert.deepEqual(ends, []);
    await sleep(background, 2);
    assert.equal(ends.length, 1);
    // The next is tried a second later, and the end of the cache ends it.
    await sleep(background, 1000);
    assert.equal(await cache.get(background, "k", hang), 1);
    await sleep(background, 1);
    await cache[Symbol.asyncDispose]();
    assert.equal(ends.length, 2);
    assert.deepEqual(runningTasks(), []);
  }));

test("a refresh that does not end when it is canceled is not begun again, and what it brings at last is held", () =>
  bubble(async () => {
    const { cache } = setup({ staleMs: 60_000, refreshTimeoutMs: 500 });
    cache.set("k", 1);
    const deaf = () => sleep(background, 10_000).then(() => 2);
    await sleep(background, 60_000);
    for (let i = 0; i < 4; i++) {
      assert.equal(await cache.get(background, "k", deaf), 1);
      await sleep(background, 2000);
    }
    assert.equal(cache.stats().loads, 1);
    await sleep(background, 3000);
    assert.equal(await cache.get(background, "k", deaf), 2);
  }));

test("a refresh that fails leaves the stale value, and is not tried again for a second", () =>
  bubble(async () => {
    const { cache, source, get } = setup({ staleMs: 60_000 });
    await get();
    await sleep(background, 60_000);
    source.err = broken;
    for (let i = 0; i < 100; i++) {
      assert.equal(await get(), 1);
      await sleep(background, 50);
    }
    // 5 seconds, a load of 10 ms and then a pause of one second each, noticed at steps of 50 ms.
    assert.deepEqual([source.loads, cache.stats().errors], [6, 5]);
    source.err = undefined;
    await sleep(background, 2000);
    await get();
    await sleep(background, 20);
    assert.ok((await get()) > 1);
  }));

describe("a fresh value is renewed early", () => {
  // A load of 100 ms, so -ln(1 - r) * 100 ms before its end.
  const cases = [
    { name: "by a likely draw", r: 0.99, leftMs: 400, early: true },
    { name: "not by an unlikely one", r: 0.5, leftMs: 400, early: false },
    { name: "close to its end", r: 0.5, leftMs: 60, early: true },
    { name: "never for sure", r: 0, leftMs: 1, early: false },
  ];
  for (const { name, r, leftMs, early } of cases) {
    test(name, () =>
      bubble(async () => {
        let random = 0;
        const { source, get } = setup({ random: () => random }, 100);
        await get();
        await sleep(background, 60_000 - leftMs);
        random = r;
        assert.equal(await get(), 1);
        await sleep(background, 0);
        assert.equal(source.loads, early ? 2 : 1);
        await sleep(background, 200);
      }),
    );
  }
});

describe("an error", () => {
  const negative = { ttlMs: 5000, when: (err: unknown) => is(err, "not_found") };
  const cases = [
    { name: "is not held", options: {}, err: missing, afterMs: 0, loads: 2 },
    { name: "that is not picked is not held", options: { negative }, err: broken, afterMs: 0, loads: 2 },
    { name: "that is picked is held", options: { negative }, err: missing, afterMs: 4900, loads: 1 },
    { name: "that is picked is over at its own time", options: { negative }, err: missing, afterMs: 5000, loads: 2 },
    { name: "is never stale", options: { negative, staleMs: 60_000 }, err: missing, afterMs: 5000, loads: 2 },
  ];
  for (const { name, options, err, afterMs, loads } of cases) {
    test(name, () =>
      bubble(async () => {
        const { source, get } = setup(options);
        source.err = err;
        await assert.rejects(get(), (thrown) => thrown === err);
        await sleep(background, afterMs);
        await assert.rejects(get(), (thrown) => thrown === err);
        assert.equal(source.loads, loads);
      }),
    );
  }

  test("of a load that was canceled is never held", () =>
    bubble(async () => {
      const { source, get } = setup({ negative: { ttlMs: 5000, when: () => true } });
      await assert.rejects(get("k", withTimeout(background, 5)));
      await sleep(background, 0);
      assert.equal(await get(), 2);
      assert.equal(source.loads, 2);
    }));

  test("of a refresh that is picked takes the value's place", () =>
    bubble(async () => {
      const { source, get } = setup({ negative, staleMs: 60_000 });
      await get();
      source.err = missing;
      await sleep(background, 60_000);
      assert.equal(await get(), 1);
      await sleep(background, 20);
      await assert.rejects(get(), { reason: "users/missing" });
      assert.equal(source.loads, 2);
    }));
});

describe("what is full lets go of what was not used for the longest time", () => {
  const cases: { name: string; options: Partial<CacheOptions<string, number>>; evicted: string[]; weight: number }[] = [
    { name: "by number", options: { maxEntries: 2 }, evicted: ["b full", "a full"], weight: 2 },
    {
      name: "by weight",
      options: { maxWeight: 7, weigh: (value) => value },
      evicted: ["b full", "a full", "c full"],
      weight: 4,
    },
    {
      name: "never for what is too heavy alone",
      options: { maxWeight: 3, weigh: (value) => value },
      evicted: [],
      weight: 3,
    },
  ];
  for (const { name, options, evicted, weight } of cases) {
    test(name, async () => {
      const log: string[] = [];
      const { cache, get } = setup({ ...options, onEvict: (key, _, why) => log.push(`${key} ${why}`) }, 0);
      cache.set("a", 1);
      cache.set("b", 2);
      assert.equal(await get("a"), 1);
      cache.set("c", 4);
      cache.set("d", 4);
      assert.deepEqual([log, cache.stats().weight], [evicted, weight]);
    });
  }

  test("and everything that leaves is told of once, with why", () =>
    bubble(async () => {
      const log: string[] = [];
      const { cache, get } = setup({ onEvict: (key, value, why) => log.push(`${key} ${value} ${why}`) });
      cache.set("a", 10);
      cache.set("a", 11);
      cache.delete("a");
      cache.delete("a");
      cache.set("b", 20);
      await sleep(background, 60_000);
      await get("b");
      cache.clear();
      assert.deepEqual(log, ["a 10 replaced", "a 11 deleted", "b 20 expired", "b 1 deleted"]);
      assert.deepEqual([cache.stats().size, cache.stats().weight, cache.stats().evictions], [0, 0, 0]);
    }));
});

describe("who asks at one time shares a load", () => {
  test("and one who leaves takes it from nobody; the last takes it away", () =>
    bubble(async () => {
      const { source, get, cache } = setup({}, 1000);
      const [first, second] = [withCancel(background), withCancel(background)];
      const all = [get("k", first), get("k", second), get()];
      const refused = Promise.all(all.slice(0, 2).map((each) => assert.rejects(each, Canceled)));
      await sleep(background, 500);
      first.cancel();
      second.cancel();
      await refused;
      assert.equal(await all[2], 1);
      cache.delete("k");
      const alone = withCancel(background);
      const last = assert.rejects(get("k", alone), Canceled);
      await sleep(background, 500);
      alone.cancel();
      await last;
      await sleep(background, 0);
      assert.deepEqual([source.loads, runningTasks().length, cache.stats().errors], [2, 0, 1]);
    }));

  for (const { name, change, want } of [
    { name: "delete", change: (cache: Cache<string, number>) => cache.delete("k"), want: 2 },
    { name: "clear", change: (cache: Cache<string, number>) => cache.clear(), want: 2 },
    { name: "set", change: (cache: Cache<string, number>) => cache.set("k", 100), want: 100 },
  ]) {
    test(`but a load that began before a ${name} is not held, and not waited for by who asks after it`, () =>
      bubble(async () => {
        const { cache, get } = setup({}, 1000);
        const before = get();
        await sleep(background, 500);
        change(cache);
        const after = get();
        assert.equal(await before, 1);
        assert.equal(await after, want);
        assert.equal(await get(), want);
      }));
  }
});

test("in any order of callers, cancels and changes nobody gets what was old when he asked, and nothing is left", async () => {
  await explore(
    async () => {
      let version = 1;
      const cache = openCache<string, number>(background, { maxEntries: 2, ttlMs: 10, staleMs: 10 });
      const load = async (ctx: Ctx): Promise<number> => {
        const read = version;
        await sleep(ctx, 3);
        return read;
      };
      const reader = async (atMs: number, cancelMs: number): Promise<void> => {
        await sleep(background, atMs);
        using ctx = withTimeout(background, cancelMs);
        const written = version;
        const got = await cache.get(ctx, "k", load).catch((err: unknown) => {
          assert.ok(cancelMs < 50 && is(err, "deadline_exceeded"), String(err));
          return written;
        });
        assert.ok(got >= written, `got ${got}, but ${written} was written`);
      };
      const write = async (atMs: number, next: number, tell: () => void): Promise<void> => {
        await sleep(background, atMs);
        version = next;
        tell();
      };
      await Promise.all([
        reader(0, 1),
        reader(0, 50),
        reader(1, 50),
        reader(3, 2),
        reader(3, 50),
        reader(16, 50),
        write(2, 2, () => cache.delete("k")),
        write(17, 3, () => cache.clear()),
        reader(17, 50),
      ]);
      await cache[Symbol.asyncDispose]();
      assert.deepEqual([cache.stats().size, runningTasks().length], [0, 0]);
    },
    { runs: 400, timeMs: 8000 },
  );
});

test("a closed cache refuses, and closes again", () =>
  bubble(async () => {
    const { cache, get } = setup({}, 1000);
    const under = get();
    await sleep(background, 1);
    const late = assert.rejects(get("late"), { code: "unavailable", reason: "cache/closed" });
    await Promise.all([cache[Symbol.asyncDispose](), cache[Symbol.asyncDispose]()]);
    await late;
    assert.equal(await under, 1);
    assert.equal(cache.stats().size, 0);
    await assert.rejects(get(), { reason: "cache/closed" });
    assert.throws(() => cache.set("k", 1), { reason: "cache/closed" });
  }));

describe("bounds are checked", () => {
  const cases: Partial<CacheOptions<string, number>>[] = [
    { maxEntries: 0 },
    { maxEntries: NaN },
    { ttlMs: 0 },
    { ttlMs: Infinity },
    { jitter: 1.1 },
    { staleMs: -1 },
    { refreshTimeoutMs: 0 },
    { maxWeight: -1 },
    { negative: { ttlMs: 0, when: () => true } },
  ];
  for (const options of cases) {
    const name = Object.keys(options)[0]!;
    test(`${name} ${JSON.stringify(Object.values(options)[0])}`, () => {
      assert.throws(() => setup(options), new RegExp(`cache: ${name}.* must be from \\d+ to`));
    });
  }

  test("weigh", () => {
    const { cache } = setup({ weigh: () => -1 });
    assert.throws(() => cache.set("k", 1), /cache: weigh must give a number from 0, not -1/);
  });
});
