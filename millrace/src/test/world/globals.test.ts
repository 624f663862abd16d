import assert from "node:assert/strict";
import crypto, { randomBytes, randomInt, randomUUID } from "node:crypto";
import { test } from "node:test";
import timers, { setTimeout as namedTimeout } from "node:timers";
import timersPromises, { scheduler, setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { virtualGlobals } from "./globals.ts";
import { inWorld } from "./testing/small-world.ts";

const HOUR = 3_600_000;

test("201, 212: a world has its own day, and outside of it the time is real", async () => {
  const outside = Date.now();
  using _ = virtualGlobals();
  await inWorld(() => {
    assert.equal(new Date().toISOString(), "2000-01-01T00:00:00.000Z");
    assert.equal(Date.now(), Date.UTC(2000, 0, 1));
    assert.equal(Date(), new Date(2000, 0, 1, 0, -new Date().getTimezoneOffset()).toString());
    assert.equal(performance.now(), 0);
    assert.equal(performance.timeOrigin, Date.UTC(2000, 0, 1));
    assert.equal(process.hrtime.bigint(), 0n);
    assert.deepEqual(process.hrtime(), [0, 0]);
    assert.equal(process.uptime(), 0);
  });
  assert.ok(Math.abs(Date.now() - outside) < 10_000);
  assert.ok(Math.abs(new Date().getTime() - outside) < 10_000);
  assert.ok(performance.now() > 0);
  assert.ok(process.hrtime.bigint() > 0n);
});

test("201: parallel worlds have clocks of their own", async () => {
  using _ = virtualGlobals();
  const elapsed = [50, 10, 7 * HOUR].map((ms) =>
    inWorld(async () => {
      await wait(ms);
      return performance.now();
    }),
  );
  assert.deepEqual(await Promise.all(elapsed), [50, 10, 7 * HOUR]);
});

test("212: Date stays a Date", async () => {
  const Before = Date;
  using _ = virtualGlobals();
  await inWorld(() => {
    class Day extends Date {
      readonly label = "day";
    }
    const day = new Day();
    assert.ok(day instanceof Date && day instanceof Day && day instanceof Before);
    assert.equal(day.getTime(), Date.now());
    assert.equal(day.label, "day");
    assert.equal(new Day(5).getTime(), 5);
    assert.equal(new Date(2020, 1, 2).getFullYear(), 2020);
    assert.equal(new Date("2001-02-03T04:05:06Z").getTime(), Date.parse("2001-02-03T04:05:06Z"));
    assert.ok(Number.isNaN(new Date(undefined as never).getTime()));
    assert.equal(Object.prototype.toString.call(new Date()), "[object Date]");
    assert.equal(new Date().constructor, Date);
    assert.equal(Date.length, 7);
    assert.equal(Date.name, "Date");
    assert.ok(new Before() instanceof Date);
    assert.equal(Before.now(), Date.now());
    assert.equal(typeof Date(), "string");
    assert.equal(structuredClone(new Date()).getTime(), Date.now());
  });
});

test("212: Temporal.Now follows", async (t) => {
  const { Temporal } = globalThis as { Temporal?: { Now: Record<string, (zone?: string) => object> } };
  if (Temporal === undefined) {
    t.diagnostic("this engine has none");
    return;
  }
  const { Now } = Temporal;
  using _ = virtualGlobals();
  const cases: [string, string][] = [
    ["instant", "2000-01-01T00:00:00Z"],
    ["zonedDateTimeISO", "2000-01-01T09:00:00+09:00[Asia/Tokyo]"],
    ["plainDateTimeISO", "2000-01-01T09:00:00"],
    ["plainDateISO", "2000-01-01"],
    ["plainTimeISO", "09:00:00"],
  ];
  for (const [name, want] of cases) {
    assert.equal(String(await inWorld(() => Now[name]!(name === "instant" ? undefined : "Asia/Tokyo"))), want, name);
  }
  assert.ok(String(Now["instant"]!()) > "2020");
});

const waits: { name: string; wait: () => unknown; ms: number }[] = [
  { name: "setTimeout", wait: () => new Promise((r) => void setTimeout(r, HOUR)), ms: HOUR },
  { name: "node:timers", wait: () => new Promise((r) => void timers.setTimeout(r, HOUR)), ms: HOUR },
  { name: "a named import of node:timers", wait: () => new Promise((r) => void namedTimeout(r, HOUR)), ms: HOUR },
  { name: "node:timers/promises", wait: () => timersPromises.setTimeout(HOUR), ms: HOUR },
  { name: "timers.promises", wait: () => timers.promises.setTimeout(HOUR), ms: HOUR },
  { name: "a named import of node:timers/promises", wait: () => wait(HOUR), ms: HOUR },
  { name: "promisify", wait: () => promisify(setTimeout)(HOUR), ms: HOUR },
  { name: "scheduler.wait", wait: () => scheduler.wait(HOUR), ms: HOUR },
  { name: "scheduler.yield", wait: () => scheduler.yield(), ms: 0 },
  { name: "setImmediate", wait: () => new Promise((r) => void setImmediate(r)), ms: 0 },
  { name: "setImmediate of promises", wait: () => timersPromises.setImmediate(), ms: 0 },
  { name: "queueMicrotask", wait: () => new Promise<void>((r) => queueMicrotask(r)), ms: 0 },
  { name: "nextTick", wait: () => new Promise((r) => process.nextTick(r)), ms: 0 },
  { name: "no time", wait: () => new Promise((r) => void setTimeout(r)), ms: 1 },
  { name: "less than a millisecond", wait: () => new Promise((r) => void setTimeout(r, 0.5)), ms: 1 },
  { name: "a fraction", wait: () => new Promise((r) => void setTimeout(r, 7.9)), ms: 7 },
  { name: "a negative time", wait: () => new Promise((r) => void setTimeout(r, -5)), ms: 1 },
  { name: "NaN", wait: () => new Promise((r) => void setTimeout(r, NaN)), ms: 1 },
  { name: "too long", wait: () => new Promise((r) => void setTimeout(r, 2 ** 31)), ms: 1 },
  { name: "the longest", wait: () => new Promise((r) => void setTimeout(r, 2 ** 31 - 1)), ms: 2 ** 31 - 1 },
  {
    name: "AbortSignal.timeout",
    wait: () => new Promise((r) => AbortSignal.timeout(HOUR).addEventListener("abort", r)),
    ms: HOUR,
  },
];

test("202, 212: whatever waits, waits on the world's clock, and no longer", async (t) => {
  using _ = virtualGlobals();
  for (const { name, wait: run, ms } of waits) {
    await t.test(name, async () => {
      const elapsed = await inWorld(async () => {
        await run();
        return performance.now();
      });
      assert.equal(elapsed, ms);
    });
  }
});

test("202: time stands still while anything can run", async () => {
  using _ = virtualGlobals();
  await inWorld(async () => {
    let fired = false;
    setTimeout(() => (fired = true), 1);
    for (let i = 0; i < 1000; i++) await new Promise((r) => void setImmediate(r));
    assert.equal(fired, false);
    assert.equal(performance.now(), 0);
  });
});

test("212: the functions look like Node's, and all is restored", async () => {
  const objects = { globalThis, timers, timersPromises, crypto, Math, process, Date, AbortSignal };
  const describe = (): unknown =>
    Object.entries(objects).map(([name, object]) =>
      Object.entries(Object.getOwnPropertyDescriptors(object)).map(([key, d]) => [name, key, d.value, d.get]),
    );
  const look = (): unknown =>
    [setTimeout, setInterval, setImmediate, clearTimeout, queueMicrotask, Date, Math.random].map((fn) => [
      fn.length,
      fn.name,
    ]);
  const before = describe();
  const looks = look();
  const First = Date;
  {
    using _first = virtualGlobals();
    using _second = virtualGlobals();
    assert.notEqual(Date, First);
    assert.deepEqual(look(), looks);
    assert.equal(globalThis.setTimeout, timers.setTimeout);
    assert.equal(namedTimeout, setTimeout);
    assert.equal(process.hrtime.name, "hrtime");
    _second[Symbol.dispose]();
    assert.notEqual(Date, First, "there is another user");
  }
  assert.deepEqual(describe(), before);
  assert.equal(namedTimeout, setTimeout);
  assert.equal(new Date().constructor, First);
});

test("212: node:test's own mocks work, whichever came first", (t) => {
  const fires = (): boolean => {
    let fired = false;
    setTimeout(() => (fired = true), 1000);
    t.mock.timers.tick(1000);
    return fired;
  };
  const real = setTimeout;
  {
    using _ = virtualGlobals();
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    assert.ok(fires());
    assert.equal(Date.now(), 1000);
    t.mock.timers.reset();
    assert.ok(Date.now() > 1e12);
  }
  assert.equal(setTimeout, real);
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  {
    using _ = virtualGlobals();
    assert.ok(fires());
    assert.equal(Date.now(), 1000);
  }
  assert.ok(fires());
  t.mock.timers.reset();
  assert.equal(setTimeout, real);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  {
    using _ = virtualGlobals();
    t.mock.timers.reset();
  }
  assert.equal(setTimeout, real);
});

test("212: randomness is the world's, and so the same each time", async () => {
  using _ = virtualGlobals();
  const draw = async (): Promise<unknown[]> => [
    Math.random(),
    crypto.randomUUID(),
    randomUUID(),
    globalThis.crypto.randomUUID(),
    [...globalThis.crypto.getRandomValues(new Uint16Array(4))],
    [...crypto.getRandomValues(new Uint8Array(4))],
    randomBytes(4).toString("hex"),
    (await promisify(randomBytes)(4)).toString("hex"),
    randomInt(1000),
    randomInt(1000, 2000),
  ];
  const first = await inWorld(draw);
  assert.deepEqual(await inWorld(draw), first);
  assert.notDeepEqual(await draw(), first);
  assert.notDeepEqual(await draw(), await draw());
  for (const id of first.slice(1, 4))
    assert.match(String(id), /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  const n = first.at(-1) as number;
  assert.ok(n >= 1000 && n < 2000);
  await inWorld(() => {
    assert.throws(() => randomBytes(-1), RangeError);
    assert.throws(() => randomInt(5, 1), RangeError);
    assert.throws(() => globalThis.crypto.getRandomValues(new Uint8Array(70_000)), { name: "QuotaExceededError" });
  });
});

test("214: 25 virtual hours take milliseconds", async () => {
  using _ = virtualGlobals();
  const before = process.cpuUsage();
  await inWorld(async () => {
    for (let i = 0; i < 25; i++) await wait(HOUR);
    assert.equal(new Date().toISOString(), "2000-01-02T01:00:00.000Z");
  });
  // Not the time: others may be busy on the machine.
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 50_000, `${(user + system) / 1000} ms`);
});
