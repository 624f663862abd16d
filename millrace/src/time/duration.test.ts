import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { is } from "../errors/index.ts";
import { formatDuration, parseDuration, systemClock } from "./index.ts";

describe("parseDuration", () => {
  const good: [text: string, ms: number][] = [
    ["0", 0],
    ["0s", 0],
    ["250ms", 250],
    ["1s", 1000],
    ["1.5s", 1500],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["2h5m", 7_500_000],
    ["1d", 86_400_000],
    ["1d2h3m4s5ms", 93_784_005],
    ["1m1ms", 60_001],
    ["0.1s", 100],
    ["0.3ms", 0.3],
    ["1.1s", 1100],
    ["0.07s", 70],
    ["1s1s", 2000],
  ];
  for (const [text, ms] of good) test(text, () => assert.equal(parseDuration(text), ms));

  const bad = [
    "",
    " ",
    "1",
    "s",
    "1 s",
    "-1s",
    "+1s",
    "1x",
    "1S",
    "1.s",
    ".5s",
    "1e3s",
    "1,5s",
    "1s ",
    "٣s",
    "1us",
    "Infinitys",
    `${"9".repeat(400)}s`,
  ];
  for (const text of bad) {
    test(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      const err: unknown = (() => {
        try {
          return parseDuration(text);
        } catch (thrown) {
          return thrown;
        }
      })();
      assert.ok(is(err, "invalid_argument"), String(err));
      assert.equal((err as { reason: string }).reason, "time/bad_duration");
      assert.match(String(err), /want a form like "1m30s"/);
    });
  }

  test("a long text is refused in linear time", () => {
    const startedAt = performance.now();
    assert.throws(() => parseDuration(`${"1".repeat(100_000)}x`));
    assert.throws(() => parseDuration(`${"1s".repeat(50_000)}x`));
    assert.ok(performance.now() - startedAt < 1000);
  });
});

describe("formatDuration", () => {
  const cases: [ms: number, text: string][] = [
    [0, "0ms"],
    [0.004, "0ms"],
    [0.25, "0.25ms"],
    [250, "250ms"],
    [999, "999ms"],
    [999.996, "1s"],
    [1000, "1s"],
    [1500, "1.5s"],
    [59_994, "59.99s"],
    [59_996, "1m"],
    [60_000, "1m"],
    [90_000, "1m30s"],
    [90_400, "1m30s"],
    [90_600, "1m31s"],
    [3_599_600, "1h"],
    [7_500_000, "2h5m"],
    [3_600_000, "1h"],
    [3_601_000, "1h1s"],
    [90_000_000, "25h"],
    [-1500, "-1.5s"],
  ];
  for (const [ms, text] of cases) test(`${ms} is ${text}`, () => assert.equal(formatDuration(ms), text));

  test("what is written is read again as the same, within its precision", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (ms) => {
        const back = parseDuration(formatDuration(ms));
        const precision = ms < 999 ? 0.0051 : ms < 59_990 ? 5.1 : 501;
        assert.ok(Math.abs(back - ms) <= precision, `${ms} -> ${formatDuration(ms)} -> ${back}`);
      }),
    );
  });

  test("whole seconds come back exactly", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), (s) => assert.equal(parseDuration(formatDuration(s * 1000)), s * 1000)),
    );
  });
});

test("systemClock: the wall clock, and one that never goes back", () => {
  assert.ok(Math.abs(systemClock.now() - Date.now()) < 100);
  let last = systemClock.elapsed();
  for (let i = 0; i < 1000; i++) {
    const next = systemClock.elapsed();
    assert.ok(next >= last);
    last = next;
  }
});
