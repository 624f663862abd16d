/** PoolStats is a pool at one moment, and what it has counted since it was opened. */
export interface PoolStats {
  /** maxConns is the option, lanes included. */
  readonly maxConns: number;
  /** acquired connections are held by callers, or by what they left behind: a canceled statement, a rollback. */
  readonly acquired: number;
  readonly idle: number;
  /** opening connections are being made or checked, closing ones said goodbye and are not gone yet. */
  readonly opening: number;
  readonly closing: number;
  /** waiting is the number of callers in the queue. */
  readonly waiting: number;
  /** acquireCount counts the connections handed out, waitCount those for which the caller had to wait. */
  readonly acquireCount: number;
  readonly waitCount: number;
  /** waitMs is how long all callers together have waited, those who gave up included. */
  readonly waitMs: number;
  readonly timeouts: number;
  /** Why connections were closed: their age, their idle time, a failed check, or because they were lost or cut. */
  readonly closedByLifetime: number;
  readonly closedByIdle: number;
  readonly closedByHealth: number;
  readonly closedBroken: number;
  /** lanes is undefined on a pool without a pipeline; its connections are counted there alone. */
  readonly lanes: LaneStats | undefined;
}

/** LaneStats counts the connections that are pipelined, and what went over them. */
export interface LaneStats {
  readonly open: number;
  readonly opening: number;
  readonly closing: number;
  /** shut lanes take nothing new until a canceled statement has ended. */
  readonly shut: number;
  /** inFlight statements were written and not answered yet, or are about to be written. */
  readonly inFlight: number;
  /** statements were given to lanes, reruns were rolled back there and ran again elsewhere. */
  readonly statements: number;
  readonly reruns: number;
  /** cancels counts the cancel requests that were sent. */
  readonly cancels: number;
  readonly closedByLifetime: number;
  readonly closedByIdle: number;
  readonly closedByHealth: number;
  readonly closedBroken: number;
}
