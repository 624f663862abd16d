export { type Postgres, type StartOptions, startPostgres } from "../millrace/src/test/postgres/start.ts";
