import type { InDoubt } from "./in-doubt.ts";
import type { Migration } from "./migration.ts";

/** MigrateOptions is what up, down and redo have in common. */
export interface MigrateOptions {
  /**
   * dryRun gives what would be run, after the same comparison of files and database, and changes nothing. It takes no
   * lock. Default false.
   */
  readonly dryRun?: boolean | undefined;
  /**
   * inDoubt says how a statement outside of a transaction ended that was running when an earlier run was killed or
   * canceled: "done" goes on after it, "again" runs it again. It is used only for such a statement, and only where the
   * database does not show how it ended. Default: that is failed_precondition ("migrate/in_doubt").
   */
  readonly inDoubt?: InDoubt | undefined;
  /** report is told what happens, while it happens. */
  readonly report?: (event: MigrateEvent) => void;
}

/** MigrateEvent is what a run says on its way. */
export type MigrateEvent =
  /** Somebody else migrates this database; said once. */
  | { readonly kind: "waiting" }
  | { readonly kind: "begin" | "end"; readonly direction: "up" | "down"; readonly migration: Migration };
