export type { CopySource } from "./copy-from.ts";
export type {
  Capabilities,
  Conn,
  CopyIn,
  Driver,
  Feed,
  LaneConn,
  LaneStatement,
  Result,
  Row,
  Statement,
  Watcher,
} from "./driver.ts";
export { SqlFailure, type SqlFailureOptions } from "./failure.ts";
export { bothHooks } from "./both-hooks.ts";
export type { AcquireEvent, PoolHooks, QueryEvent } from "./hooks.ts";
export type { ListenOptions, Notification } from "./listen.ts";
export type { PipelineOptions, PoolOptions } from "./options.ts";
export { Pool, openPool } from "./pool.ts";
export type { BatchResults, CopyOptions, Querier, RowsOptions } from "./querier.ts";
export { Session } from "./session.ts";
export { Sql, type SqlTag, sql } from "./sql.ts";
export { type Meaning, meaningOf } from "./sqlstate.ts";
export type { LaneStats, PoolStats } from "./stats.ts";
export { OpenTx, Tx, type TxFn, type TxOptions } from "./tx.ts";
