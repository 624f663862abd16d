export { down } from "./down.ts";
export { loadMigrations } from "./load.ts";
export type { Chunk, Migration } from "./migration.ts";
export { parseMigration } from "./parse.ts";
export { type MigrationStatus, status } from "./status.ts";
export { type UpOptions, up } from "./up.ts";
