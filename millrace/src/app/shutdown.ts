import { type Ctx, afterDone, background, sleep, withTimeout } from "../context/index.ts";
import type { Log } from "../log/index.ts";
import { type Budgets, GRACE_MS } from "./budgets.ts";
import { type Doing, Stages, said } from "./stage.ts";
import { whereTaskWaits } from "./stuck.ts";

/** Parts are what an app has when it begins to stop. More tasks may come while it does. */
export interface Parts {
  readonly listeners: readonly (() => void)[];
  readonly servers: readonly {
    readonly name: string;
    readonly shutdown: (ctx: Ctx) => unknown;
    readonly doing: Doing;
  }[];
  /** tasks settle when they end, by name; one that has ended is not there any more. */
  readonly tasks: ReadonlyMap<Promise<void>, string>;
  readonly flushes: readonly { readonly name: string; readonly fn: (ctx: Ctx) => unknown }[];
  /** resources are in the order in which they are closed. */
  readonly resources: readonly { readonly name: string; readonly close: () => unknown; readonly doing: Doing }[];
}

/** Shutdown runs the stages of a stop one after the other, each with its budget or what is left of the whole. */
export class Shutdown {
  readonly stages: Stages;
  readonly #log: Log;
  readonly #budgets: Required<Budgets>;
  readonly #until: number;

  constructor(log: Log, budgets: Required<Budgets>) {
    this.stages = new Stages(log);
    this.#log = log;
    this.#budgets = budgets;
    // What closes last has its graces within the whole: one that is stuck, and then the rest at once.
    this.#until = performance.now() + budgets.hardStopMs - 2 * GRACE_MS;
  }

  async notReady({ listeners, servers }: Parts, delay: boolean): Promise<void> {
    const limitMs = this.#limit(GRACE_MS);
    await Promise.all(listeners.map((fn) => this.stages.step("drain", "readiness", limitMs, fn)));
    if (delay && servers.length > 0) await sleep(background, this.#limit(this.#budgets.readyDelayMs));
  }

  async drain({ servers }: Parts): Promise<void> {
    const limitMs = this.#limit(this.#budgets.drainMs + GRACE_MS);
    using ctx = withTimeout(background, Math.max(0, limitMs - GRACE_MS));
    const left = new Set(servers);
    // Before the servers hear of it and cut these off.
    using _cut = afterDone(ctx, () => {
      for (const { name, doing } of left) {
        const requests = said(doing);
        if (requests.length > 0) this.#log.warn(background, `app: drain: ${name} is cut off`, { doing: requests });
      }
    });
    const one = async (server: Parts["servers"][number]): Promise<void> => {
      await this.stages.step("drain", server.name, limitMs, () => server.shutdown(ctx), server.doing);
      left.delete(server);
    };
    await Promise.all(servers.map(one));
  }

  /** cancel waits for tasks that have been canceled, and for those that they start then. */
  async cancel({ tasks }: Parts): Promise<void> {
    const until = performance.now() + this.#limit(this.#budgets.cancelMs);
    const leftMs = (): number => until - performance.now();
    const waited = new Set<Promise<void>>();
    do {
      const next = [...tasks].filter(([done]) => !waited.has(done));
      for (const [done] of next) waited.add(done);
      const step = ([done, name]: (typeof next)[number]): Promise<void> =>
        this.stages.step(
          "cancel",
          name,
          leftMs(),
          () => done,
          () => whereTaskWaits(name),
        );
      await Promise.all(next.map(step));
    } while (leftMs() > 1 && tasks.keys().some((done) => !waited.has(done)));
  }

  async flush({ flushes }: Parts): Promise<void> {
    const limitMs = this.#limit(this.#budgets.flushMs);
    using ctx = withTimeout(background, limitMs);
    await Promise.all(flushes.map(({ name, fn }) => this.stages.step("flush", name, limitMs, () => fn(ctx))));
  }

  async close({ resources }: Parts): Promise<void> {
    const until = performance.now() + this.#limit(this.#budgets.closeMs);
    const leftMs = (): number => until - performance.now();
    const close = (limitMs: number, { name, close, doing }: Parts["resources"][number]): Promise<void> =>
      this.stages.step("close", name, limitMs, close, doing);
    const rest = [...resources];
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      await close(Math.max(leftMs(), GRACE_MS), next);
      // A timer may fire half a millisecond early.
      if (leftMs() > 1) continue;
      // The budget is spent: what is left gets a last chance, all at once.
      await Promise.all(rest.splice(0).map((each) => close(GRACE_MS, each)));
    }
  }

  #limit(ms: number): number {
    return Math.max(0, Math.min(ms, this.#until - performance.now()));
  }
}
