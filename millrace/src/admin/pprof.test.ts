import assert from "node:assert/strict";
import { test } from "node:test";
import { pprof } from "./pprof.ts";
import { type Frame, type Stacks, totalOf } from "./stacks.ts";

type Fields = Map<number, (number | Buffer)[]>;

// Reads a message of Protocol Buffers, by its description and not by our writer.
function decode(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, wire] = [tag >> 3, tag & 7];
    assert.ok(wire === 0 || wire === 2, `wire type ${wire}`);
    let value: number | Buffer = varint();
    if (wire === 2) value = bytes.subarray(at, (at += value));
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

const numbers = (bytes: Buffer): number[] => {
  // A packed field is as a run of fields without their tags: give each one.
  const tagged: number[] = [];
  let begins = true;
  for (const byte of bytes) {
    if (begins) tagged.push(8);
    tagged.push(byte);
    begins = byte < 128;
  }
  return (decode(Buffer.from(tagged)).get(1) ?? []) as number[];
};

const frame = (name: string, line: number, self: readonly number[], calls: readonly Frame[] = []): Frame => ({
  name,
  file: "/app/é.ts",
  line,
  self,
  calls,
});

test("samples, locations, functions and times are where profile.proto has them", () => {
  const inner = frame("inner", 300, [3, 5_000_000_000]);
  const stacks: Stacks = {
    types: [
      { type: "samples", unit: "count" },
      { type: "cpu", unit: "nanoseconds" },
    ],
    period: 1_000_000,
    // What calls itself is one function, and what did nothing itself is no sample.
    root: frame("(root)", 0, [0, 0], [frame("outer", 7, [0, 0], [inner, frame("outer", 7, [1, 1])])]),
    durationMs: 2000,
    endedAt: new Date(1_700_000_000_000),
  };
  const profile = decode(pprof(stacks));
  const messages = (field: number): Fields[] => (profile.get(field) ?? []).map((bytes) => decode(bytes as Buffer));
  const strings = profile.get(6)!.map(String);
  const word = (fields: Fields, field: number): string => strings[Number(fields.get(field)?.[0] ?? 0)]!;
  const number = (fields: Fields, field: number): number => Number(fields.get(field)?.[0] ?? 0);

  assert.equal(strings[0], "");
  assert.deepEqual(
    messages(1).map((type) => [word(type, 1), word(type, 2)]),
    [
      ["samples", "count"],
      ["cpu", "nanoseconds"],
    ],
  );
  assert.deepEqual(
    messages(5).map((fn) => [number(fn, 1), word(fn, 2), word(fn, 4), number(fn, 5)]),
    [
      [1, "outer", "/app/é.ts", 7],
      [2, "inner", "/app/é.ts", 300],
    ],
  );
  assert.deepEqual(
    messages(4).map((location) => {
      const line = decode(location.get(4)![0] as Buffer);
      return [number(location, 1), number(line, 1), number(line, 2)];
    }),
    [
      [1, 1, 7],
      [2, 2, 300],
    ],
  );
  assert.deepEqual(
    messages(2).map((sample) => [numbers(sample.get(1)![0] as Buffer), numbers(sample.get(2)![0] as Buffer)]),
    [
      [
        [2, 1],
        [3, 5_000_000_000],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ],
  );
  // Nanoseconds since 1970 are more than a double can tell apart, to a quarter of a microsecond.
  assert.ok(Math.abs(number(profile, 9) - 1_699_999_998_000 * 1e6) < 1000);
  assert.deepEqual([number(profile, 10), number(profile, 12)], [2_000_000_000, 1_000_000]);
  assert.equal(word(decode(profile.get(11)![0] as Buffer), 1), "cpu");
  assert.equal(totalOf(stacks.root), 5_000_000_001);
});
