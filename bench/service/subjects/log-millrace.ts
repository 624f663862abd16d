import assert from "node:assert/strict";
import { background } from "millrace/context";
import { newLog, withLogAttrs } from "millrace/log";
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
const log = newLog({ out: { write } });
const ctx = withLogAttrs(background, { request_id: "q7dXnD3wKq2L000000" });

function one(): void {
  if (kind === "line") log.info(ctx, "order placed", ATTRS);
  else log.debug(ctx, "order placed", ATTRS);
}

one();
assert.equal(lines, kind === "line" ? 1 : 0);
if (kind === "line") {
  const { time, ...values } = JSON.parse(last) as Record<string, unknown>;
  assert.equal(typeof time, "string");
  assert.deepEqual(values, { level: "info", request_id: "q7dXnD3wKq2L000000", ...ATTRS, msg: "order placed" });
}
await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) one();
});
