import type { Ctx } from "../../context/index.ts";
import type { Cluster } from "./cluster.ts";
import type { ServerLog } from "./engine.ts";

/** ClusterOptions say which program serves which address. */
export interface ClusterOptions {
  /** addr is "host:port" as in listen, with a numeric host. Workers listen at "parent". */
  readonly addr: string;
  /** worker is the program of a worker: it calls `listen(ctx, { addr: "parent", … })` and ends on SIGTERM, as an app does. */
  readonly worker: URL | string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** workers is how many processes serve. Default: as many as there are processors. */
  readonly workers?: number;
  /** startMs is how long a worker may take until it listens. Default: 30 s. */
  readonly startMs?: number;
  /** stopMs is how long a worker may take to end before it is killed; more than its app's own budgets. Default: 30 s. */
  readonly stopMs?: number;
  /** log gets the deaths of workers and what restarts have cut. Default: the process's stderr. */
  readonly log?: ServerLog;
}

/**
 * openCluster binds an address and starts workers that share its listening socket, which this process holds: connections
 * that nobody has accepted yet wait in it, whoever comes and goes. It resolves when all workers accept. Throws
 * "http/listen" if the address cannot be had, "http/worker_start" if a worker cannot be started.
 */
export async function openCluster(ctx: Ctx, options: ClusterOptions): Promise<Cluster> {
  ctx.throwIfDone();
  // Loaded here, so that a server that is one process does without it.
  const { Cluster: Group } = await import("./cluster.ts");
  const cluster = new Group(options);
  try {
    await cluster.start(ctx);
  } catch (err) {
    await cluster[Symbol.asyncDispose]();
    throw err;
  }
  return cluster;
}
