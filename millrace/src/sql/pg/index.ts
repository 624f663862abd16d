export { type PgPool, type PgPoolOptions, pgPool } from "./pool.ts";
