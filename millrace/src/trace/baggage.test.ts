import assert from "node:assert/strict";
import { test } from "node:test";
import { background } from "../context/index.ts";
import { baggage, formatBaggage, parseBaggage, withBaggage } from "./index.ts";

const many = (n: number): string => Array.from({ length: n }, (_, i) => `k${i}=${i}`).join(",");

const cases = [
  { name: "one entry", header: "user=7", want: "user=7" },
  { name: "spaces", header: " a = 1 ,\tb=2", want: "a=1,b=2" },
  { name: "properties stay", header: "a=1;p;q=2 , b=2", want: "a=1;p;q=2,b=2" },
  { name: "a value that is encoded", header: "a=%C3%A4%20%25%2C", want: "a=%C3%A4%20%25%2C" },
  { name: "equals signs in a value", header: "a=b==", want: "a=b==" },
  { name: "an empty value", header: "a=", want: "a=" },
  { name: "broken UTF-8", header: "a=%ff", want: "a=%EF%BF%BD" },
  { name: "a percent sign alone", header: "a=5%", want: "a=5%25" },
  { name: "no value", header: "a,b=2", want: "b=2" },
  { name: "no name", header: "=1,b=2", want: "b=2" },
  { name: "a name that is none", header: "a b=1,ä=2,c=3", want: "c=3" },
  { name: "a quote in a value", header: 'a="1",b=2', want: "b=2" },
  { name: "a name twice", header: "a=1,a=2", want: "a=2" },
  { name: "64 entries", header: many(64), want: many(64) },
  { name: "65 entries", header: many(65), want: many(64) },
  { name: "8,192 bytes", header: `a=${"x".repeat(8190)}`, want: `a=${"x".repeat(8190)}` },
  { name: "8,193 bytes", header: `b=1,a=${"x".repeat(8187)}`, want: "b=1" },
  { name: "nothing", header: "", want: "" },
];
for (const { name, header, want } of cases) {
  test(`baggage: ${name}`, () => assert.equal(formatBaggage(parseBaggage(header)), want));
}

test("values are told decoded", () => {
  assert.equal(parseBaggage("a=%C3%A4;p=1").get("a")?.value, "ä");
});

test("a context carries baggage, within bounds", () => {
  const ctx = withBaggage(withBaggage(background, { a: "ä,1", b: "2" }), { b: undefined, c: "3" });
  assert.equal(formatBaggage(ctx.get(baggage)), "a=%C3%A4%2C1,c=3");
  assert.equal(background.get(baggage).size, 0);
  assert.throws(() => withBaggage(ctx, { "a b": "1" }), TypeError);
  assert.throws(() => withBaggage(ctx, { a: "x".repeat(8192) }), RangeError);
  assert.throws(() => withBaggage(ctx, Object.fromEntries(names(65))), RangeError);
});

function names(n: number): [string, string][] {
  return Array.from({ length: n }, (_, i) => [`k${i}`, "1"]);
}
