import { test } from "node:test";
import { runModel } from "./testing/model.ts";

test("249, 250: a million operations beside the model", { timeout: 10 * 60_000 }, async () => {
  let operations = 0;
  while (operations < 1_000_000) operations += await runModel({ runs: 500, commands: 300 });
});
