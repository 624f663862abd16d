import { test } from "node:test";
import { rollUnderLoad } from "./rolling.ts";

test("20 rolling restarts under load lose no request", { timeout: 300_000 }, async (t) => {
  t.diagnostic(`${await rollUnderLoad(20)} answers`);
});
