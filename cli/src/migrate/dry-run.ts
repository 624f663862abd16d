import path from "node:path";
import type { Migration, MigrationStatus } from "millrace/migrate";
import type { Options } from "./options.ts";

/** dryRun is what would be run, as SQL that can be read by people and by psql. */
export function dryRun(
  { shownDir }: Options,
  migrations: readonly Migration[],
  direction: "up" | "down",
  states: readonly MigrationStatus[],
): string {
  const blocks = migrations.map((migration) => {
    const file = path.join(shownDir, migration.file);
    if (migration.kind === "code") return `-- ${file}: ${direction}(ctx, …)\n`;
    const done = states.find(({ version }) => version === migration.version)?.done ?? 0;
    const chunks = (migration[direction] ?? []).slice(done);
    const how = migration.transaction ? "one transaction" : "no transaction";
    const rest = done > 0 ? `, after ${done} statements that an earlier run applied` : "";
    const statements = chunks.map(({ line, text }) => `-- ${file}:${line}\n${text}\n`);
    return [`-- ${file} (${how}${rest})\n`, ...statements].join("");
  });
  return blocks.join("\n");
}
