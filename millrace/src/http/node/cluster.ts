import net from "node:net";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { type Ctx, afterDone, background, sleep } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { type Cut, type Program, Worker } from "./cluster-worker.ts";
import type { ClusterOptions } from "./open-cluster.ts";
import { parseAddr, stderrLog } from "./listen.ts";

// A worker that dies is replaced after 100 ms, then 200 ms and so on, 5 s at most.
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5000;
// So many deaths in a row are a loop; one that has lived for so long begins a new row.
const MAX_CRASHES = 5;
const STABLE_MS = 10_000;

/** RestartReport says what came of a restart. */
export interface RestartReport {
  readonly replaced: number;
  /** cut are the workers that had requests left when their time was over. */
  readonly cut: readonly Cut[];
}

/** Cluster is a group of processes on one port; made by openCluster. */
export class Cluster implements AsyncDisposable {
  readonly addr: string;
  readonly #options: Required<Pick<ClusterOptions, "startMs" | "stopMs" | "log">>;
  readonly #program: Program;
  readonly #socket: Bound;
  // By their place; one that is being replaced is in #leaving.
  readonly #workers: (Worker | undefined)[];
  readonly #leaving: Set<Worker> = new Set();
  readonly #failed = Promise.withResolvers<never>();
  #crashes = 0;
  #stopping: Promise<readonly Cut[]> | undefined = undefined;
  #restarting: Promise<unknown> = Promise.resolve();
  #next: Promise<RestartReport> | undefined = undefined;

  /** @internal use openCluster */
  constructor(options: ClusterOptions) {
    const { worker, workers = availableParallelism(), startMs = 30_000, stopMs = 30_000, log = stderrLog } = options;
    if (!(Number.isInteger(workers) && workers > 0)) {
      throw new RangeError(`http: openCluster: workers must be a whole number above 0, not ${workers}`);
    }
    this.#options = { startMs, stopMs, log };
    const file = typeof worker === "string" ? worker : fileURLToPath(worker);
    this.#program = { file, args: options.args ?? [], env: options.env ?? {} };
    this.#workers = Array.from({ length: workers }, () => undefined);
    this.#socket = bind(options.addr);
    this.addr = addrOf(this.#socket);
    // Who does not call run learns of it from shutdown.
    this.#failed.promise.catch(() => undefined);
  }

  get url(): string {
    return `http://${this.addr}`;
  }

  /** pids are the processes that serve. */
  get pids(): number[] {
    return this.#workers.flatMap((worker) => (worker?.running === true ? [worker.pid] : []));
  }

  /** @internal use openCluster */
  async start(ctx: Ctx): Promise<void> {
    await Promise.all(this.#workers.keys().map((place) => this.#fill(ctx, place)));
  }

  /**
   * run restarts the workers on SIGHUP until ctx ends. Rejects with "http/crash_loop" when workers die again and again
   * right after they have started; those that are left serve on until shutdown.
   */
  async run(ctx: Ctx): Promise<void> {
    const restart = (): void => {
      void this.#restartAndTell(ctx);
    };
    process.on("SIGHUP", restart);
    const ended = Promise.withResolvers<void>();
    using _ended = afterDone(ctx, ended.resolve);
    try {
      await Promise.race([ended.promise, this.#failed.promise]);
    } finally {
      process.off("SIGHUP", restart);
    }
  }

  /**
   * restart replaces the workers one after the other: the new one accepts before the old one stops, which answers all that
   * it has accepted. Throws "http/worker_start" when a new one cannot be started; the old ones serve on then. Calls
   * while it runs share one restart behind it.
   */
  restart(ctx: Ctx): Promise<RestartReport> {
    if (this.#next !== undefined) return this.#next;
    const before = this.#restarting;
    const run = async (): Promise<RestartReport> => {
      await before;
      this.#next = undefined;
      return await this.#replaceAll(ctx);
    };
    const next = run();
    this.#next = next;
    this.#restarting = next.catch(() => undefined);
    return next;
  }

  /** shutdown stops all workers; those that are left when ctx ends are killed. It never rejects. */
  shutdown(ctx: Ctx): Promise<readonly Cut[]> {
    return (this.#stopping ??= this.#stopAll(ctx));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown(background);
  }

  async #restartAndTell(ctx: Ctx): Promise<void> {
    const { log } = this.#options;
    try {
      const { cut } = await this.restart(ctx);
      if (cut.length > 0) log.error(ctx, "http: cluster: the restart has cut requests", { cut });
    } catch (err) {
      log.error(ctx, "http: cluster: the restart has failed", { err });
    }
  }

  async #fill(ctx: Ctx, place: number): Promise<void> {
    const worker = new Worker(this.#program, this.#socket.fd, () => this.#closing());
    const old = this.#workers[place];
    this.#leaving.add(worker);
    try {
      await worker.ready(ctx, this.#options.startMs);
    } finally {
      this.#leaving.delete(worker);
    }
    this.#workers[place] = worker;
    if (old !== undefined && old.running) this.#leaving.add(old);
    void this.#watch(worker, place);
    if (this.#stopping !== undefined) await worker.stop(background, this.#options.stopMs);
  }

  async #watch(worker: Worker, place: number): Promise<void> {
    const how = await worker.exit;
    this.#leaving.delete(worker);
    if (worker.stopping || this.#stopping !== undefined) return;
    this.#crashes = performance.now() - worker.startedAt >= STABLE_MS ? 1 : this.#crashes + 1;
    this.#options.log.error(background, "http: cluster: a worker has died", { pid: worker.pid, how });
    await this.#revive(place, how);
  }

  async #revive(place: number, how: string): Promise<void> {
    for (let last = how; this.#stopping === undefined;) {
      if (this.#crashes > MAX_CRASHES) {
        const message = `http: cluster: ${this.#crashes} workers have died one after the other, the last one by ${last}`;
        this.#failed.reject(new Failure(message, { code: "unavailable", reason: "http/crash_loop" }));
        return;
      }
      await sleep(background, Math.min(FIRST_DELAY_MS * 2 ** (this.#crashes - 1), MAX_DELAY_MS));
      if (this.#stopping !== undefined) return;
      try {
        await this.#fill(background, place);
        return;
      } catch (err) {
        last = String(err);
        this.#crashes++;
        this.#options.log.error(background, "http: cluster: a worker could not be replaced", { err });
      }
    }
  }

  async #replaceAll(ctx: Ctx): Promise<RestartReport> {
    const cut: Cut[] = [];
    let replaced = 0;
    for (const [place, old] of this.#workers.entries()) {
      if (this.#stopping !== undefined) break;
      // One that has died is being replaced already.
      if (old === undefined || !old.running) continue;
      await this.#fill(ctx, place);
      const left = await old.stop(ctx, this.#options.stopMs);
      if (left !== undefined) cut.push(left);
      replaced++;
    }
    return { replaced, cut };
  }

  async #stopAll(ctx: Ctx): Promise<readonly Cut[]> {
    // From here on the workers alone have the socket, and the last of them closes it.
    this.#socket.close();
    const all = [...this.#workers, ...this.#leaving].filter((worker) => worker?.running === true);
    const cuts = await Promise.all([...new Set(all)].map((worker) => worker!.stop(ctx, this.#options.stopMs)));
    return cuts.filter((cut) => cut !== undefined);
  }

  // Says to each worker that wants to close the socket how. While this process or another worker has it, that is easy;
  // the last one must see to those who wait in its queue, and so it waits until the others have closed it.
  #closing(): void {
    const all = new Set([...this.#workers, ...this.#leaving]);
    const open = [...all].filter((worker) => worker !== undefined && !worker.closed) as Worker[];
    const waiting = open.filter((worker) => worker.asks);
    const othersStay = this.#stopping === undefined || open.some((worker) => worker.accepts && !worker.asked);
    for (const worker of othersStay ? waiting : waiting.slice(1)) worker.mayClose(false);
    if (!othersStay && open.length === 1) waiting[0]?.mayClose(true);
  }
}

interface Bound {
  readonly fd: number;
  getsockname(out: { address?: string; port?: number; family?: string }): number;
  close(): void;
}

// Binds, and neither listens nor accepts: that is up to the workers. Node 26 has net.BoundSocket for this; what it is made
// of, net.Server's own first step, is in Node 24 as well.
function bind(addr: string): Bound {
  const { host, port } = parseAddr(addr);
  const type = net.isIP(host);
  if (type === 0) throw new TypeError(`http: openCluster: the host must be an IP address, not ${JSON.stringify(host)}`);
  const made = (net as unknown as { _createServerHandle(...args: unknown[]): Bound | number })._createServerHandle(
    host,
    port,
    type,
  );
  // An address that is taken shows here.
  const err = typeof made === "number" ? made : made.getsockname({});
  if (typeof made !== "number" && err === 0) return made;
  throw new Failure(`http: listen on ${addr}: error ${err}`, { code: "unavailable", reason: "http/listen" });
}

function addrOf(bound: Bound): string {
  const out: { address?: string; port?: number; family?: string } = {};
  bound.getsockname(out);
  return out.family === "IPv6" ? `[${out.address}]:${out.port}` : `${out.address}:${out.port}`;
}
