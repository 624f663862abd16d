import assert from "node:assert/strict";
import fc from "fast-check";
import { openPool } from "../index.ts";
import { databaseTest } from "../testing/database.ts";
import { type Bounds, Multirange, Range, type TemporalTypes, composite, json, postgres } from "./index.ts";

// Any value of a type, as it comes by default, must come back from the server as it was sent.
const text = fc.string({ unit: "binary" }).filter((s) => !s.includes("\0"));
const int4 = fc.integer();
const int8 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const float8 = fc.double();
const numeric = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.stringMatching(/^\d{0,20}$/))
  .map(([whole, scale]) => (scale === "" ? String(whole) : `${whole}.${scale}`))
  // Without digits that mean nothing the server has no sign for zero.
  .filter((s) => !s.startsWith("-0"));
const bytea = fc.uint8Array().map((bytes) => Buffer.from(bytes));
const timestamptz = fc.date({ noInvalidDate: true, min: new Date("-004712-01-01"), max: new Date(8.63e15) });
const date = fc
  .date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9999-12-31") })
  .map((d) => d.toISOString().slice(0, 10));
const uuid = fc.uuid();
const value = fc.jsonValue({ stringUnit: "binary" }).filter((v) => !JSON.stringify(v).includes("\\u0000"));

const arrayOf = (element: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => {
  const one = fc.option(element, { nil: null });
  // Of two dimensions all rows are equally long.
  const two = fc.integer({ min: 1, max: 3 }).chain((n) => {
    const row = fc.array(one, { minLength: n, maxLength: n });
    return fc.array(row, { minLength: 1, maxLength: 3 });
  });
  return fc.oneof(fc.array(one), two);
};

// The server keeps a range's bounds as they are where the type has no next value.
const rangeOf = <T>(bound: fc.Arbitrary<T>, less: (a: T, b: T) => boolean): fc.Arbitrary<Range<T>> =>
  fc
    .tuple(fc.option(bound), fc.option(bound), fc.constantFrom<Bounds>("[)", "[]", "(]", "()"))
    .filter(([lower, upper]) => lower === null || upper === null || less(lower, upper))
    .map(([lower, upper, bounds]) => {
      // A side that is open does not belong to it.
      const open = lower === null ? "(" : bounds[0];
      return new Range(lower, upper, `${open}${upper === null ? ")" : bounds[1]}` as Bounds);
    });
const floatrange = rangeOf(fc.double({ noNaN: true }), (a, b) => a < b);
const tstzrange = rangeOf(timestamptz, (a, b) => a < b);
const textrange = rangeOf(text, (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0);
const multirange = fc
  .uniqueArray(fc.integer({ min: -1000, max: 1000 }), { maxLength: 8 })
  .map((ends) => ends.toSorted((a, b) => a - b))
  .map(
    (ends) =>
      new Multirange(Array.from({ length: ends.length >> 1 }, (_, i) => new Range(ends[2 * i]!, ends[2 * i + 1]!))),
  );

const pair = fc.record(
  {
    firstText: fc.option(text),
    secondNumber: fc.option(int8),
    inner: fc.option(fc.array(fc.option(text))),
  },
  { noNullPrototype: true },
);

const TYPES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text,
  int4,
  int8,
  float8,
  numeric,
  bool: fc.boolean(),
  bytea,
  timestamptz,
  date,
  uuid,
  floatrange,
  textrange,
  tstzrange,
  int4multirange: multirange,
};

databaseTest("any value of any type, alone and in arrays, comes back as it was sent", async (ctx, db) => {
  await using pool = await openPool(ctx, postgres(db.url), { maxConns: 1 });
  await pool.withConn(ctx, (ctx, session) =>
    session.script(
      ctx,
      `create type floatrange as range (subtype = float8);
       create type textrange as range (subtype = text, collation = "C");
       create type pair as (first_text text, second_number int8, "inner" text[])`,
    ),
  );
  const back = async (type: string, sent: unknown, want: unknown): Promise<void> => {
    const { v } = await pool.one(ctx, `select $1::${type} as v`, [sent]);
    assert.deepEqual(v, want);
  };
  for (const [type, arbitrary] of Object.entries(TYPES)) {
    await fc.assert(
      fc.asyncProperty(arbitrary, (v) => back(type, v, v)),
      { numRuns: 50 },
    );
    await fc.assert(
      fc.asyncProperty(arrayOf(arbitrary), (v) => back(`${type}[]`, v, v)),
      { numRuns: 30 },
    );
  }
  // What needs a word in arguments.
  await fc.assert(
    fc.asyncProperty(value, (v) => back("json", json(v), JSON.parse(JSON.stringify(v)))),
    { numRuns: 50 },
  );
  await fc.assert(
    fc.asyncProperty(pair, (v) => back("pair", composite(v), v)),
    { numRuns: 50 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(pair), (v) => back("pair[]", v.map(composite), v)),
    { numRuns: 30 },
  );
});

databaseTest("any value of Temporal, in microseconds, comes back as it was sent", async (ctx, db) => {
  const { Temporal } = globalThis as unknown as { readonly Temporal: TemporalTypes };
  await using pool = await openPool(ctx, postgres({ url: db.url, types: { temporal: Temporal } }), { maxConns: 1 });
  const micros = fc.integer({ min: 0, max: 999_999 });
  const iso = fc
    .tuple(timestamptz, micros)
    .map(([d, us]) => d.toISOString().replace(/\d{3}Z$/, String(us).padStart(6, "0")));
  const sign = fc.constantFrom(1, -1);
  const up = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
  const fields = fc.record({
    years: up(1000),
    months: up(11),
    days: up(10_000),
    hours: up(100_000),
    minutes: up(59),
    seconds: up(59),
    milliseconds: up(999),
    microseconds: up(999),
  });
  const duration = fc
    .tuple(fields, sign)
    .map(([all, s]) => Object.fromEntries(Object.entries(all).map(([k, n]) => [k, n * s || 0])));
  const { Instant, PlainDate, PlainDateTime, PlainTime, Duration } = Temporal;
  const kinds: [type: string, values: fc.Arbitrary<unknown>][] = [
    ["timestamptz", iso.map((t) => Instant.from(`${t}Z`))],
    ["timestamp", iso.map((t) => PlainDateTime.from(t))],
    ["date", iso.map((t) => PlainDate.from(t))],
    ["time", iso.map((t) => PlainTime.from(t))],
    ["interval", duration.map((d) => Duration.from(d))],
  ];
  for (const [type, values] of kinds) {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(values)), async (sent) => {
        const { v } = await pool.one<{ v: unknown[] }>(ctx, `select $1::${type}[] as v`, [sent]);
        assert.deepEqual(v.map(String), sent.map(String));
      }),
      { numRuns: 50 },
    );
  }
});
