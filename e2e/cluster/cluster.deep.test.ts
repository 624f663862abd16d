import { test } from "node:test";
import { rollUnderLoad } from "./rolling.ts";

test("20 rolling restarts under load lose no request", { timeout: 300_000 }, async (t) => {
  t.diagnostic(`${await rollUnderLoad(20)} answers`);
});

test("20 shutdowns under load lose no request", { timeout: 300_000 }, async (t) => {
  let answers = 0;
  for (let i = 0; i < 20; i++) answers += await rollUnderLoad(0);
  t.diagnostic(`${answers} answers`);
});
