import assert from "node:assert/strict";
import { test } from "node:test";
import { BROKEN } from "./testing/broken.ts";
import { fuzz, summary } from "./testing/fuzz.ts";
import { openPglite } from "./testing/pglite.ts";

/** SEED starts the run: FUZZ_SEED repeats one, of which the message of a failure says the number. */
const SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);

test("columnsOf: what is claimed of 5,000 columns of random queries holds", async (t) => {
  await using db = await openPglite();
  const figures = await fuzz(db, { seed: SEED, columns: 5000, also: BROKEN });
  t.diagnostic(`seed ${SEED}: ${summary(figures)}`);
  assert.deepEqual(figures.wrong, [], "run it again with FUZZ_SEED set to the seed");
  // Without claims, without nulls, or without queries that run, there would be nothing to see.
  assert.ok(figures.claimed > figures.columns / 4 && figures.nulls > figures.columns / 4, summary(figures));
  assert.ok(figures.refused < figures.queries / 3, summary(figures));
  assert.ok(figures.avoidable < figures.columns / 5, summary(figures));
  // Analyses that miss something make claims that do not hold over the same rows.
  const missed = Object.keys(BROKEN).filter((name) => figures.alsoWrong[name] === 0);
  assert.deepEqual(missed, []);
});
