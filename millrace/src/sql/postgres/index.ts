export { json } from "./args.ts";
export { type Composite, composite } from "./composite.ts";
export { type ClientOptions, type ServerSession, connectClient } from "./connect-client.ts";
export { type PostgresOptions, postgres } from "./postgres.ts";
export { type Bounds, Multirange, Range } from "./range.ts";
export type { SessionAttrs } from "./session-attrs.ts";
export type { TemporalTypes } from "./temporal.ts";
export type { TlsFiles } from "./tls.ts";
export type { Codec, TypeOptions } from "./type-options.ts";
