import assert from "node:assert/strict";
import { test } from "node:test";
import { BROKEN } from "./testing/broken.ts";
import { type Figures, fuzz, summary } from "./testing/fuzz.ts";
import { openPglite } from "./testing/pglite.ts";

/** SEED starts the run: FUZZ_SEED repeats one, of which the message of a failure says the number. */
const SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);

test("columnsOf: what is claimed of 5,000 columns of random queries holds", async (t) => {
  await using db = await openPglite();
  await t.test("on queries that no run had before", async (t) => {
    const figures = await fuzz(db, { seed: SEED, columns: 3000 });
    t.diagnostic(`seed ${SEED}: ${summary(figures)}`);
    check(figures);
  });
  await t.test("on the same queries in every run, where analyses that miss something are found out", async (t) => {
    const figures = await fuzz(db, { seed: 21, columns: 2000, also: BROKEN });
    t.diagnostic(summary(figures));
    check(figures);
    const missed = Object.keys(BROKEN).filter((name) => figures.alsoWrong[name] === 0);
    assert.deepEqual(missed, []);
  });
});

function check(figures: Figures): void {
  assert.deepEqual(figures.wrong, [], "run it again with FUZZ_SEED set to the seed");
  // Without claims, without nulls, or without queries that run, there would be nothing to see.
  assert.ok(figures.claimed > figures.columns / 4 && figures.nulls > figures.columns / 4, summary(figures));
  assert.ok(figures.refused < figures.queries / 3, summary(figures));
  assert.ok(figures.avoidable < figures.columns / 4, summary(figures));
}
