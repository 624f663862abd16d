export type { Capabilities, Conn, Driver, LaneConn, LaneStatement, Result, Row } from "./driver.ts";
export { SqlFailure, type SqlFailureOptions } from "./failure.ts";
export type { PipelineOptions, PoolOptions } from "./options.ts";
export { Pool, openPool } from "./pool.ts";
export type { Querier } from "./querier.ts";
export { Session } from "./session.ts";
export { type Meaning, meaningOf } from "./sqlstate.ts";
export type { LaneStats, PoolStats } from "./stats.ts";
export { Tx, type TxFn, type TxOptions } from "./tx.ts";
