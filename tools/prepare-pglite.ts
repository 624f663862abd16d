import { prepareSnapshot } from "../millrace/src/sql/pglite/snapshot.ts";

// Makes the snapshot from which a new embedded database is copied, so that the first start need not. Run by `npm ci`
// (the script "prepare"), which must not fail for it: the first start makes the snapshot itself when there is none.
try {
  await prepareSnapshot();
} catch (err) {
  console.warn(`prepare-pglite: no snapshot: ${err instanceof Error ? err.message : String(err)}`);
}
