import type { Ctx } from "../context/index.ts";
import type { Pool, Querier } from "../sql/index.ts";
import { type Applied, readHistory } from "./history.ts";
import { inOrder } from "./load.ts";
import { type Migration, refuse } from "./migration.ts";
import { type Progress, readProgress } from "./progress.ts";

/** MigrationStatus is how a migration stands: its file, the database, or both know it. */
export interface MigrationStatus {
  readonly version: bigint;
  /** file is undefined when the database has a migration of which there is no file. */
  readonly file: string | undefined;
  /**
   * state: "applied" and "pending" are in order; "changed" was edited after it was applied; "missing" has no file;
   * "out_of_order" is pending below one that is applied; "partial" has no transaction and ended half way, up or down.
   * up and down refuse to run while there is a changed or missing one, or, unless it is allowed, one out of order; a
   * partial one is what the same command finishes first.
   */
  readonly state: "applied" | "pending" | "changed" | "missing" | "out_of_order" | "partial";
  readonly appliedAt: Date | undefined;
  /** done is how many statements of a partial one were applied, or taken back; otherwise undefined. */
  readonly done: number | undefined;
}

/** Known is all that the database knows. @internal */
export interface Known {
  readonly applied: ReadonlyMap<bigint, Applied>;
  readonly progress: Progress | undefined;
}

/** readKnown asks the database; it changes nothing. @internal */
export async function readKnown(ctx: Ctx, db: Querier): Promise<Known> {
  return { applied: await readHistory(ctx, db), progress: await readProgress(ctx, db) };
}

/** status says how each migration stands, in order; it changes nothing and takes no lock. */
export async function status(ctx: Ctx, pool: Pool, migrations: readonly Migration[]): Promise<MigrationStatus[]> {
  return compare(inOrder(migrations), await readKnown(ctx, pool));
}

function compare(files: readonly Migration[], { applied, progress }: Known): MigrationStatus[] {
  const byVersion = new Map(files.map((file) => [file.version, file]));
  const half = progress === undefined ? [] : [progress.version];
  const versions = new Set([...byVersion.keys(), ...applied.keys(), ...half]);
  const last = [...applied.keys()].reduce((a, b) => (a > b ? a : b), 0n);
  const stateOf = (version: bigint): MigrationStatus["state"] => {
    const file = byVersion.get(version);
    const known = applied.get(version);
    if (file === undefined) return "missing";
    if (version === progress?.version) return "partial";
    if (known === undefined) return version < last ? "out_of_order" : "pending";
    return known.checksum !== null && known.checksum !== file.checksum ? "changed" : "applied";
  };
  return [...versions]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((version) => ({
      version,
      file: byVersion.get(version)?.file,
      state: stateOf(version),
      appliedAt: applied.get(version)?.at,
      done: version === progress?.version ? progress.done : undefined,
    }));
}

/** Allowed is what checkKnown lets pass. @internal */
export interface Allowed {
  readonly outOfOrder?: boolean | undefined;
  /** changed is the version of a file that may have been changed. */
  readonly changed?: bigint | undefined;
}

/** checkKnown throws when files and database do not fit together. @internal */
export function checkKnown(files: readonly Migration[], known: Known, allowed: Allowed = {}): void {
  for (const { version, file, state } of compare(files, known)) {
    if (state === "changed" && version !== allowed.changed) {
      throw refuse("changed", `${file} was changed after it was applied`);
    }
    if (state === "missing") throw refuse("missing", `version ${version} is applied, and there is no file of it`);
    if (state === "out_of_order" && allowed.outOfOrder !== true) {
      throw refuse("out_of_order", `${file} is not applied, but a later one is: give it a version after the last one`);
    }
  }
}

/** checkHalf throws when something is half done in the other direction. @internal */
export function checkHalf(files: readonly Migration[], { progress }: Known, direction: "up" | "down"): void {
  if (progress === undefined || progress.direction === direction) return;
  const file = files.find(({ version }) => version === progress.version)?.file;
  throw refuse("partial", `${file} ended half way ${progress.direction}: finish that first`);
}
