import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Alarm, pendingAlarms } from "./alarm.ts";

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}

describe("Alarm", () => {
  test("185: alarms ring in the order of their times, and none is early", async () => {
    // The order is that of the moments, not of the waits: between two of these calls more than their difference may pass.
    const rung: number[] = [];
    const times = [5, 1, 9, 3, 7, 2, 8, 0, 6, 4, 4.5, 0.5];
    await Promise.all(
      times.map(
        (ms) =>
          new Promise<void>((resolve) => {
            const alarm = new Alarm(ms, {
              ring() {
                assert.ok(performance.now() >= alarm.at);
                rung.push(alarm.at);
                resolve();
              },
            });
          }),
      ),
    );
    assert.equal(rung.length, times.length);
    assert.deepEqual(
      rung,
      rung.toSorted((a, b) => a - b),
    );
  });

  test("whatever is set and cleared in whatever order, what is left rings, and nothing else", async () => {
    const step = fc.record({ ms: fc.double({ min: 0, max: 4, noNaN: true }), clear: fc.option(fc.nat(50)) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 100, size: "max" }), async (steps) => {
        const before = pendingAlarms();
        const set: { alarm: Alarm; rung: number; cleared: boolean }[] = [];
        const order: number[] = [];
        const last = Promise.withResolvers<void>();
        for (const { ms, clear } of steps) {
          const entry = { rung: 0, cleared: false } as (typeof set)[number];
          entry.alarm = new Alarm(ms, {
            ring() {
              entry.rung++;
              order.push(entry.alarm.at);
            },
          });
          set.push(entry);
          const other = clear === null ? undefined : set[clear % set.length];
          if (other === undefined || other.rung > 0) continue;
          other.cleared = true;
          other.alarm.clear();
          other.alarm.clear();
        }
        assert.equal(pendingAlarms() - before, set.filter((each) => !each.cleared).length);
        void new Alarm(5, { ring: last.resolve });
        await last.promise;
        for (const { rung, cleared } of set) assert.equal(rung, cleared ? 0 : 1);
        assert.equal(pendingAlarms(), before);
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
      }),
      { numRuns: 100 },
    );
  });

  test("what takes the place of a cleared one may have to rise", async () => {
    // In the heap: 1 over 10, 2, 3, 4; under 10 stand 20 to 23, under 2 stands 5, which takes the place of 20. Those that
    // come later keep it from being moved again.
    const { promise, resolve } = Promise.withResolvers<void>();
    const rung: number[] = [];
    const set = (ms: number): Alarm => {
      const alarm = new Alarm(ms, {
        ring() {
          if (rung.push(alarm.at) === 6) resolve();
        },
      });
      return alarm;
    };
    const alarms = [1, 10, 2, 3, 4, 20_000, 21_000, 22_000, 23_000, 5].map(set);
    alarms[5]!.clear();
    alarms.push(...Array.from({ length: 8 }, (_, i) => set(30_000 + i)));
    await promise;
    for (const alarm of alarms) alarm.clear();
    // By their moments, as above.
    const small = [0, 1, 2, 3, 4, 9].map((i) => alarms[i]!.at);
    assert.deepEqual(
      rung,
      small.toSorted((a, b) => a - b),
    );
  });

  test("one that is set in a ring rings too, also when a ring throws", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let thrown: unknown;
    process.setUncaughtExceptionCaptureCallback((err) => (thrown = err));
    void new Alarm(1, {
      ring() {
        void new Alarm(0, { ring: resolve });
        throw new Error("ring");
      },
    });
    await promise;
    process.setUncaughtExceptionCaptureCallback(null);
    assert.match(String(thrown), /ring/);
  });

  test("an earlier one than all others is not late", async () => {
    const late = new Alarm(60_000, { ring: () => assert.fail() });
    const startedAt = performance.now();
    await new Promise<void>((resolve) => void new Alarm(2, { ring: resolve }));
    assert.ok(performance.now() - startedAt < 10_000);
    late.clear();
  });

  test("a long one is none of setTimeout's overflow", async () => {
    const before = timers();
    const alarms = [2 ** 31, 2 ** 40, Infinity].map((ms) => new Alarm(ms, { ring: () => assert.fail() }));
    await new Promise((resolve) => setTimeout(resolve, 3));
    assert.ok(timers() > before - 1);
    for (const alarm of alarms) alarm.clear();
    assert.equal(timers(), before);
  });

  test("keeps the process alive while it is set, and no longer", () => {
    const script = `
      const { Alarm } = await import(${JSON.stringify(new URL("alarm.ts", import.meta.url).href)});
      new Alarm(60_000, { ring() {} }).clear();
      new Alarm(30, { ring() { console.log("rang"); } });
    `;
    const startedAt = performance.now();
    const out = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
    assert.equal(out, "rang\n");
    assert.ok(performance.now() - startedAt < 30_000);
  });
});
