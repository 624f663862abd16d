import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, summary } from "./testing/fuzz.ts";
import { openPglite } from "./testing/pglite.ts";
import { openPostgres } from "./testing/postgres.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);
const COLUMNS = Number(process.env["FUZZ_COLUMNS"] ?? 30_000);
const url = process.env["DATABASE_URL"];

test("columnsOf: what is claimed holds on the embedded PostgreSQL", async (t) => {
  await using db = await openPglite();
  const figures = await fuzz(db, { seed: SEED, columns: COLUMNS });
  t.diagnostic(`seed ${SEED}: ${summary(figures)}`);
  assert.deepEqual(figures.wrong, []);
});

// Of another version: what it does not know, like MERGE … RETURNING, it refuses.
const skip = url === undefined ? "needs DATABASE_URL" : false;
test("columnsOf: what is claimed holds on a server", { skip }, async (t) => {
  await using db = await openPostgres(url!);
  const figures = await fuzz(db, { seed: SEED, columns: COLUMNS });
  t.diagnostic(`seed ${SEED}: ${summary(figures)}`);
  assert.deepEqual(figures.wrong, []);
});
