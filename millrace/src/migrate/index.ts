export { type DownOptions, down } from "./down.ts";
export { MigrationFailure, type Place } from "./failure.ts";
export type { InDoubt } from "./in-doubt.ts";
export { loadMigrations } from "./load.ts";
export type {
  Chunk,
  CodeMigration,
  Migration,
  MigrationFile,
  MigrationModule,
  SqlMigration,
  Step,
} from "./migration.ts";
export type { MigrateEvent, MigrateOptions } from "./options.ts";
export { parseMigration } from "./parse.ts";
export { redo } from "./redo.ts";
export { type MigrationStatus, status } from "./status.ts";
export { type UpOptions, up } from "./up.ts";
