import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Failure } from "../../errors/index.ts";
import { MAX_STARTUP_BYTES, Splitter, errorResponse, message, typeOf } from "./wire.ts";

const messages = fc.array(
  fc
    .tuple(fc.constantFrom("Q", "P", "B", "D", "E", "S", "d", "Z"), fc.uint8Array({ maxLength: 60 }))
    .map(([type, body]) => message(type, body)),
  { maxLength: 20 },
);

function drain(splitter: Splitter): Buffer[] {
  const out: Buffer[] = [];
  for (let next = splitter.next(); next !== undefined; next = splitter.next()) out.push(next);
  return out;
}

test("any chunking gives the same messages", () => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat(400), { maxLength: 30 }), (sent, cuts) => {
      const all = Buffer.concat(sent);
      const at = [0, ...cuts.map((cut) => cut % (all.length + 1)).toSorted((a, b) => a - b), all.length];
      const splitter = new Splitter();
      const got: Buffer[] = [];
      for (let i = 1; i < at.length; i++) {
        splitter.push(all.subarray(at[i - 1], at[i]));
        got.push(...drain(splitter));
      }
      assert.deepEqual(got, sent);
      assert.equal(splitter.next(), undefined);
    }),
  );
});

test("bytes that are not a stream of messages give messages or one clear failure", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
      const splitter = new Splitter(100);
      try {
        for (const chunk of chunks) {
          splitter.push(chunk);
          for (const got of drain(splitter)) assert.equal(got.readUInt32BE(1), got.length - 1);
        }
      } catch (err) {
        assert.ok(err instanceof Failure && err.reason === "sql/pglite_protocol", String(err));
      }
    }),
  );
});

test("a length out of bounds is refused as soon as it is read", () => {
  const cases = [
    { name: "shorter than itself", bytes: [0x51, 0, 0, 0, 3] },
    { name: "longer than allowed", bytes: [0x51, 0, 0, 0, 101] },
    { name: "negative as a signed number", bytes: [0x51, 0xff, 0xff, 0xff, 0xff] },
  ];
  for (const { name, bytes } of cases) {
    const splitter = new Splitter(100);
    splitter.push(Buffer.from(bytes));
    assert.throws(() => splitter.next(), { reason: "sql/pglite_protocol" }, name);
  }
});

test("the first packet has no type, and bounds of its own", () => {
  const splitter = new Splitter();
  splitter.push(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47, ...message("Q", "select 1")]));
  assert.deepEqual(splitter.nextStartup(), Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  assert.deepEqual(splitter.next(), message("Q", "select 1"));

  const tooLong = new Splitter();
  tooLong.push(Buffer.from([0, 0, ...Buffer.from(Uint16Array.of(MAX_STARTUP_BYTES + 1).buffer).swap16()]));
  assert.throws(() => tooLong.nextStartup(), { reason: "sql/pglite_protocol" });
});

test("a large message in small chunks is joined once", () => {
  const big = message("d", Buffer.alloc(8 * 1024 * 1024, 7));
  const splitter = new Splitter();
  let got: Buffer | undefined;
  for (let i = 0; i < big.length; i += 1024) {
    assert.equal(got, undefined);
    splitter.push(big.subarray(i, i + 1024));
    got = splitter.next();
  }
  assert.ok(got !== undefined && got.equals(big));
});

test("builders write what PostgreSQL reads", () => {
  assert.deepEqual([...message("Q", "hi")], [0x51, 0, 0, 0, 7, 104, 105, 0]);
  const error = errorResponse("FATAL", "08P01", "no");
  assert.equal(typeOf(error), "E");
  assert.equal(error.subarray(5).toString(), "SFATAL\0VFATAL\0C08P01\0Mno\0\0");
});
