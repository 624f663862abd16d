import assert from "node:assert/strict";
import { test } from "node:test";
import { checkModel } from "./testing/commands.ts";

test("248: random operations have the history of the model", { timeout: 60_000 }, async () => {
  assert.ok((await checkModel(60, 200)) > 1000);
});
