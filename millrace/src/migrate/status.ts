import type { Ctx } from "../context/index.ts";
import type { Pool } from "../sql/index.ts";
import { type Applied, readHistory } from "./history.ts";
import { inOrder } from "./load.ts";
import { type Migration, refuse } from "./migration.ts";

/** MigrationStatus is how a migration stands: its file, the database, or both know it. */
export interface MigrationStatus {
  readonly version: bigint;
  /** file is undefined when the database has a migration of which there is no file. */
  readonly file: string | undefined;
  /**
   * state: "applied" and "pending" are in order; "changed" was edited after it was applied; "missing" has no file;
   * "out_of_order" is pending below one that is applied. up and down refuse to run while there is one of the last three.
   */
  readonly state: "applied" | "pending" | "changed" | "missing" | "out_of_order";
  readonly appliedAt: Date | undefined;
}

/** status says how each migration stands, in order; it changes nothing and takes no lock. */
export async function status(ctx: Ctx, pool: Pool, migrations: readonly Migration[]): Promise<MigrationStatus[]> {
  return compare(inOrder(migrations), await readHistory(ctx, pool));
}

/** compare sets files against the database. @internal */
export function compare(files: readonly Migration[], history: ReadonlyMap<bigint, Applied>): MigrationStatus[] {
  const versions = new Set([...files.map((file) => file.version), ...history.keys()]);
  const last = [...history.keys()].reduce((a, b) => (a > b ? a : b), 0n);
  return [...versions]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((version) => {
      const file = files.find((file) => file.version === version);
      const applied = history.get(version);
      const state =
        file === undefined
          ? "missing"
          : applied === undefined
            ? version < last
              ? "out_of_order"
              : "pending"
            : applied.checksum !== null && applied.checksum !== file.checksum
              ? "changed"
              : "applied";
      return { version, file: file?.file, state, appliedAt: applied?.at };
    });
}

/** checkHistory throws when files and database do not fit together. @internal */
export function checkHistory(files: readonly Migration[], history: ReadonlyMap<bigint, Applied>): void {
  for (const { version, file, state } of compare(files, history)) {
    if (state === "changed") throw refuse("changed", `${file} was changed after it was applied`);
    if (state === "missing") throw refuse("missing", `version ${version} is applied, and there is no file of it`);
    if (state === "out_of_order") {
      throw refuse("out_of_order", `${file} is not applied, but a later one is: give it a version after the last one`);
    }
  }
}
