import assert from "node:assert/strict";
import { pino } from "pino";
import { printNanoseconds } from "../../lib/kernel.ts";
import { ATTRS, COUNTS } from "../line.ts";

const kind = process.env["CASE"] === "disabled" ? "disabled" : "line";
const COUNT = COUNTS[kind];
let last = "";
let lines = 0;
const write = (text: string): void => {
  last = text;
  lines++;
};
// Its defaults: a number for the level, milliseconds for the time.
const log = pino({ base: null }, { write }).child({ request_id: "q7dXnD3wKq2L000000" });

function one(): void {
  if (kind === "line") log.info(ATTRS, "order placed");
  else log.debug(ATTRS, "order placed");
}

one();
assert.equal(lines, kind === "line" ? 1 : 0);
if (kind === "line") {
  const { time, ...values } = JSON.parse(last) as Record<string, unknown>;
  assert.equal(typeof time, "number");
  assert.deepEqual(values, { level: 30, request_id: "q7dXnD3wKq2L000000", ...ATTRS, msg: "order placed" });
}
await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) one();
});
