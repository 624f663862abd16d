import type { MigrateOptions, MigrationStatus } from "millrace/migrate";
import { formatDuration } from "millrace/time";
import type { Io } from "../io.ts";

/** reporter writes a line for each migration as it ends, and to stderr that somebody else is waited for. */
export function reporter(io: Io): NonNullable<MigrateOptions["report"]> {
  let began = 0;
  return (event) => {
    if (event.kind === "waiting") io.stderr.write("waiting: somebody else migrates this database\n");
    else if (event.kind === "begin") began = performance.now();
    else {
      const took = formatDuration(Math.round(performance.now() - began));
      io.stdout.write(`${event.migration.file} ${event.direction === "up" ? "applied" : "taken back"} (${took})\n`);
    }
  };
}

/** showStates is a table for people, or JSON with the version as text, because it may be larger than numbers are exact. */
export function showStates(states: readonly MigrationStatus[], json: boolean): string {
  if (json) {
    const rows = states.map(({ version, file = null, state, appliedAt = null }) => ({
      version: String(version),
      file,
      state,
      appliedAt,
    }));
    return `${JSON.stringify(rows, undefined, 2)}\n`;
  }
  const head = ["VERSION", "STATE", "APPLIED AT", "FILE"];
  const rows = states.map(({ version, file, state, appliedAt }) => [
    String(version),
    state.replaceAll("_", " "),
    appliedAt?.toISOString().replace(/\.\d+Z$/, "Z") ?? "",
    file ?? "",
  ]);
  const table = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
    .concat("\n");
}

/** count is "1 migration", "2 migrations". */
export function count(n: number): string {
  return `${n} migration${n === 1 ? "" : "s"}`;
}
