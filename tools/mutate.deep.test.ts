import assert from "node:assert/strict";
import { test } from "node:test";
import { MUTANTS } from "./mutants/all.ts";
import { runMutants } from "./mutants/run.ts";

test("every wrong version of the concurrency core is noticed by a test, and none is stale", async () => {
  const results = await runMutants(MUTANTS);
  const bad = results.filter(({ outcome }) => outcome !== "killed");
  assert.deepEqual(
    bad.map(({ outcome, mutant }) => `${outcome}: ${mutant.file}: ${mutant.name}`),
    [],
  );
});
