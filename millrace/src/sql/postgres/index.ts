export { json } from "./args.ts";
export { type ClientOptions, type ServerSession, connectClient } from "./connect-client.ts";
export { type PostgresOptions, postgres } from "./postgres.ts";
