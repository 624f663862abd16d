import assert from "node:assert/strict";
import { test } from "node:test";
import { RandomIds, traceOf, traceparentOf } from "./w3c.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const GOOD = `00-${ID}-${PARENT}-01`;
const ids = new RandomIds();

const headers: { name: string; header: string; want?: string }[] = [
  { name: "sampled", header: GOOD, want: "01" },
  { name: "not sampled", header: `00-${ID}-${PARENT}-00`, want: "00" },
  { name: "random ids", header: `00-${ID}-${PARENT}-03`, want: "03" },
  { name: "flags that nobody knows", header: `00-${ID}-${PARENT}-fd`, want: "01" },
  { name: "a later version", header: `cc-${ID}-${PARENT}-01`, want: "01" },
  { name: "a later version that says more", header: `cc-${ID}-${PARENT}-01-what-the-future-will-be-like`, want: "01" },
  { name: "a later version that says nothing more", header: `cc-${ID}-${PARENT}-01-`, want: "01" },
  { name: "a later version with other flags", header: `cc-${ID}-${PARENT}-01.what` },
  { name: "version 00 that says more", header: `${GOOD}-more` },
  { name: "version ff", header: `ff-${ID}-${PARENT}-01` },
  { name: "capitals", header: GOOD.toUpperCase() },
  { name: "no trace id", header: `00-${"0".repeat(32)}-${PARENT}-01` },
  { name: "no parent id", header: `00-${ID}-${"0".repeat(16)}-01` },
  { name: "a short trace id", header: `00-${ID.slice(1)}-${PARENT}-01` },
  { name: "a long parent id", header: `00-${ID}-${PARENT}0-01` },
  { name: "no flags", header: `00-${ID}-${PARENT}` },
  { name: "a dot", header: GOOD.replaceAll("-", ".") },
  { name: "spaces", header: ` ${GOOD}` },
  { name: "two of them", header: `${GOOD}, ${GOOD}` },
  { name: "nothing", header: "" },
];
for (const { name, header, want } of headers) {
  test(`traceparent: ${name}`, () => {
    const trace = traceOf(header, "a=1", ids);
    const { traceId, spanId, parentId, flags, state } = trace;
    assert.match(spanId, /^[\da-f]{16}$/);
    assert.notEqual(spanId, PARENT);
    assert.equal(traceparentOf(trace), `00-${traceId}-${spanId}-${flags}`);
    if (want !== undefined) return assert.deepEqual([traceId, parentId, flags, state], [ID, PARENT, want, "a=1"]);
    assert.match(traceId, /^[\da-f]{32}$/);
    assert.notEqual(traceId, ID);
    return assert.deepEqual([parentId, flags, state], ["", "00", ""]);
  });
}

const many = (n: number): string => Array.from({ length: n }, (_, i) => `k${i}=${i}`).join(",");
const long = (n: number): string => `k${n}=${"v".repeat(n)}`;
const states: { name: string; header: string; want: string }[] = [
  { name: "one member", header: "rojo=00f067aa0ba902b7", want: "rojo=00f067aa0ba902b7" },
  { name: "spaces and empty members", header: " a=1 ,,\t b=2 , ", want: "a=1,b=2" },
  { name: "a space in a value", header: "a= 1 2", want: "a= 1 2" },
  { name: "a tenant", header: "0tenant@system=1,a_-*/z=2", want: "0tenant@system=1,a_-*/z=2" },
  { name: "32 members", header: many(32), want: many(32) },
  { name: "33 members", header: many(33), want: "" },
  { name: "a key twice", header: "a=1,b=2,a=3", want: "" },
  { name: "no value", header: "a=", want: "" },
  { name: "no key", header: "=1", want: "" },
  { name: "no equals sign", header: "a", want: "" },
  { name: "two equals signs", header: "a=b=c", want: "" },
  { name: "a capital", header: "Foo=1", want: "" },
  { name: "a key that begins with a digit", header: "0a=1", want: "" },
  { name: "a key with a space", header: "a b=1", want: "" },
  { name: "half a tenant", header: "@b=1", want: "" },
  { name: "two systems", header: "a@b@c=1", want: "" },
  { name: "a key of 256", header: `${"a".repeat(256)}=1`, want: `${"a".repeat(256)}=1` },
  { name: "a key of 257", header: `${"a".repeat(257)}=1`, want: "" },
  { name: "a tenant of 242", header: `${"t".repeat(242)}@v=1`, want: "" },
  { name: "a system of 15", header: `t@${"v".repeat(15)}=1`, want: "" },
  { name: "a value of 256", header: `a=${"v".repeat(256)}`, want: `a=${"v".repeat(256)}` },
  { name: "a value of 257", header: `a=${"v".repeat(257)}`, want: "" },
  { name: "a letter that is not ASCII", header: "a=é", want: "" },
  { name: "too long: long members go first", header: `${long(250)},${long(100)},${long(249)}`, want: long(100) },
  {
    name: "too long: then the last ones",
    header: [120, 119, 118, 117, 116].map(long).join(","),
    want: [120, 119, 118, 117].map(long).join(","),
  },
];
for (const { name, header, want } of states) {
  test(`tracestate: ${name}`, () => assert.equal(traceOf(GOOD, header, ids).state, want));
}

test("ids are different, and there are as many as one wants", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, () => ids.hex(16))).size, 1000);
});
