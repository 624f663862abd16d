import { type Reply, json } from "../http/index.ts";
import { type Check, type CheckResult, CheckRunner } from "./check.ts";

/** HealthOptions are the choices for newHealth. */
export interface HealthOptions {
  /** checks are what the service needs to answer requests, by name. */
  readonly checks?: Readonly<Record<string, Check>>;
  /** timeoutMs is how long each check may take; keep it below the prober's own limit. @default 1000 */
  readonly timeoutMs?: number;
  /** cacheMs is how long results are used again, counted from their end, so that probes cost nothing. @default 1000 */
  readonly cacheMs?: number;
}

/** HealthReport is what the readiness handler answers, as JSON. */
export interface HealthReport {
  readonly status: "ready" | "not_ready" | "draining";
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/**
 * newHealth makes the health of a service: `live` answers 200 as long as the process can answer at all, `ready` says
 * whether it should get requests: 503 while a check fails or after drain(), `startup` whether it has been ready once.
 * Answers show no more than names and codes.
 */
export function newHealth(options: HealthOptions = {}): Health {
  return new Health(options);
}

/** Health runs the checks, all at once, one run for everybody who asks meanwhile. */
export class Health {
  /** live is the HTTP handler for /healthz: never ask for a dependency here, a restart would not mend it. */
  readonly live: () => Reply;
  /** ready is the HTTP handler for /readyz. */
  readonly ready: () => Promise<Reply>;
  /**
   * startup is the HTTP handler for /startupz: 503 until all checks have passed once, then 200 for good, without asking
   * again. Until then a prober leaves `live` and `ready` alone, so that a slow start is not taken for a dead process.
   * Source: Kubernetes' startup probes.
   */
  readonly startup: () => Promise<Reply>;
  readonly #runners: ReadonlyMap<string, CheckRunner>;
  readonly #cacheMs: number;
  #draining = false;
  #started = false;
  #last: { readonly report: HealthReport; readonly at: number } | undefined = undefined;
  #running: Promise<HealthReport> | undefined = undefined;

  /** @internal use newHealth */
  constructor(options: HealthOptions) {
    const { checks = {}, timeoutMs = 1000, cacheMs = 1000 } = options;
    if (!(timeoutMs > 0)) throw new RangeError(`health: timeoutMs must be above 0, not ${timeoutMs}`);
    if (!(cacheMs >= 0)) throw new RangeError(`health: cacheMs must be 0 or more, not ${cacheMs}`);
    this.#runners = new Map(
      Object.entries(checks).map(([name, check]) => [name, new CheckRunner(name, check, timeoutMs)]),
    );
    this.#cacheMs = cacheMs;
    this.live = () => answer({ status: "alive" }, 200);
    this.ready = async () => {
      const report = await this.check();
      return answer(report, report.status === "ready" ? 200 : 503);
    };
    this.startup = async () => {
      if (!this.#started) await this.check();
      return this.#started ? answer({ status: "started" }, 200) : answer({ status: "starting" }, 503);
    };
  }

  /** drain makes the service not ready, for good: it is about to stop. */
  drain(): void {
    this.#draining = true;
  }

  /** check is the state of the service, not older than cacheMs. It never rejects, and ends within timeoutMs. */
  async check(): Promise<HealthReport> {
    if (!this.#draining) {
      const last = this.#last;
      if (last !== undefined && performance.now() - last.at < this.#cacheMs) return last.report;
      const report = await (this.#running ??= this.#run());
      // drain() may have been called meanwhile.
      if (!this.#draining) return report;
    }
    return this.#drained();
  }

  /** last is what the checks have found when they ran last, or that it drains; undefined before. It runs none. */
  get last(): HealthReport | undefined {
    return this.#draining ? this.#drained() : this.#last?.report;
  }

  #drained(): HealthReport {
    return { status: "draining", checks: this.#last?.report.checks ?? {} };
  }

  async #run(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.#runners].map(async ([name, runner]) => [name, await runner.run()] as const),
    );
    const up = results.every(([, result]) => result.status === "up");
    const report: HealthReport = { status: up ? "ready" : "not_ready", checks: Object.fromEntries(results) };
    this.#started ||= up;
    this.#last = { report, at: performance.now() };
    this.#running = undefined;
    return report;
  }
}

function answer(body: unknown, status: number): Reply {
  return json(body, { status }).header("cache-control", "no-store");
}
