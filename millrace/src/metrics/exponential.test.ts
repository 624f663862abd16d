import assert from "node:assert/strict";
import { test } from "node:test";
import { ExponentialHistogram, ZERO_THRESHOLD } from "./exponential-histogram.ts";
import { MAX_SCALE, indexOf } from "./exponential-index.ts";

// The bounds of a bucket, computed otherwise than the code does: by powers.
function holds(index: number, scale: number, value: number): boolean {
  const power = (i: number): number => 2 ** (i / 2 ** scale);
  return power(index) < value && value <= power(index + 1);
}

function nextUp(value: number): number {
  const words = new BigInt64Array(new Float64Array([value]).buffer);
  words[0]! += 1n;
  return new Float64Array(words.buffer)[0]!;
}

// A fixed disorder, so that a failure comes back: https://en.wikipedia.org/wiki/Xorshift
function random(): () => number {
  let state = 2463534242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

test("powers of two end their bucket, and what is next above begins one", () => {
  for (let exponent = -1021; exponent <= 1023; exponent++) {
    const power = 2 ** exponent;
    assert.equal(indexOf(power), exponent * 256 - 1, `2^${exponent}`);
    assert.equal(indexOf(nextUp(power)), exponent * 256, `above 2^${exponent}`);
  }
  assert.equal(indexOf(Number.MAX_VALUE), 1024 * 256 - 1);
});

test("every value is in the bucket that holds it", () => {
  const next = random();
  for (let i = 0; i < 100_000; i++) {
    const value = 2 ** (next() * 200 - 100) * (1 + next());
    const index = indexOf(value);
    assert.ok(holds(index, MAX_SCALE, value), `${value} in ${index}`);
  }
  // Bounds themselves, and what is beside them.
  for (let i = 0; i < 256; i++) {
    const bound = 2 ** (i / 256);
    assert.equal(indexOf(bound), i - 1);
    assert.equal(indexOf(nextUp(bound)), i);
  }
});

const spreads = [
  { name: "one value", octaves: 0, scale: 8 },
  { name: "half a power", octaves: 0.5, scale: 8 },
  { name: "a service's durations", octaves: 10, scale: 3 },
  { name: "bytes", octaves: 40, scale: 1 },
  { name: "nearly all there is", octaves: 1000, scale: -3 },
];
for (const { name, octaves, scale } of spreads) {
  test(`the scale adapts, and no value gets lost: ${name}`, () => {
    const next = random();
    const histogram = new ExponentialHistogram([]);
    const values = Array.from({ length: 5000 }, (_, i) => {
      // From the middle to the ends, on both sides of 0, so that it must become coarser again and again.
      const size = 2 ** ((next() - 0.5) * octaves * Math.min(1, i / 4000) + (octaves === 1000 ? 400 : 0));
      return i % 3 === 0 ? -size : size;
    }).map((value) => (octaves === 1000 && value !== 0 ? value / 2 ** 20 : value));
    for (const value of values) histogram.observe(value);
    const { positive, negative, count, sum, zeroCount, ...data } = histogram.data();
    assert.ok(Math.abs(data.scale - scale) <= 1, `scale ${data.scale}`);
    const zeros = values.filter((value) => Math.abs(value) <= ZERO_THRESHOLD).length;
    assert.deepEqual([count, zeroCount], [values.length, zeros]);
    assert.ok(Math.abs(sum - values.reduce((a, b) => a + b, 0)) <= Math.abs(sum) * 1e-9);
    for (const [side, sign] of [
      [positive, 1],
      [negative, -1],
    ] as const) {
      assert.ok(side.counts.length <= 160);
      const want = new Map<number, number>();
      for (const value of values) {
        if (value * sign <= ZERO_THRESHOLD) continue;
        const index = Math.floor(indexOf(value * sign) / 2 ** (MAX_SCALE - data.scale));
        want.set(index, (want.get(index) ?? 0) + 1);
      }
      const got = side.counts.map((n, i) => [side.offset + i, n] as const).filter(([, n]) => n > 0);
      assert.deepEqual(
        got,
        [...want].toSorted(([a], [b]) => a - b),
      );
    }
  });
}

test("the widest there is needs no coarser scale than Prometheus has", () => {
  const histogram = new ExponentialHistogram([]);
  for (const value of [Number.MAX_VALUE, Number.MIN_VALUE, nextUp(ZERO_THRESHOLD), 1]) histogram.observe(value);
  const { scale, zeroCount, positive } = histogram.data();
  assert.deepEqual([scale, zeroCount], [-3, 1]);
  assert.deepEqual([positive.counts.at(0), positive.counts.at(-1)], [1, 1]);
});

test("each power of two keeps its last exemplar", () => {
  const histogram = new ExponentialHistogram([0.0005, 0.01, 0.5, 4]);
  for (const [value, trace] of [
    [0.3, "a"],
    [5, "b"],
    [6, "c"],
    [0, "d"],
    [0.001, "e"],
  ] as const)
    histogram.observe(value, trace);
  const exemplars = histogram.data().exemplars.map(({ value, traceId }) => `${value} ${traceId}`);
  assert.deepEqual(exemplars.toSorted(), ["0 d", "0.001 e", "0.3 a", "6 c"]);
  assert.deepEqual(
    histogram.buckets().map(({ bound, count, exemplar }) => [bound, count, exemplar?.traceId]),
    [
      [0.0005, 1, "d"],
      [0.01, 1, "e"],
      [0.5, 1, "a"],
      [4, 0, undefined],
      [Infinity, 2, "c"],
    ],
  );
});
