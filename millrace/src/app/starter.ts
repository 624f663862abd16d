import { type Ctx, afterDone, background, withCancel, withTimeout } from "../context/index.ts";
import { Failure, wrap } from "../errors/index.ts";
import type { Log } from "../log/index.ts";
import { type Task, go } from "../task/index.ts";
import { formatDuration } from "../time/index.ts";
import type { Component, Needs, Values } from "./component.ts";
import { Stages } from "./stage.ts";
import { whereTaskWaits } from "./stuck.ts";
import { wiring } from "./wiring.ts";

/** Host is what the app does for its components. */
export interface Host {
  readonly log: Log;
  readonly startMs: number;
  readonly cancelMs: number;
  /** adopt takes over what has started; what comes too late is closed, and adopt throws. */
  adopt(component: Component<unknown>, value: unknown): Promise<void>;
  /** failed stops an app that is starting. */
  failed(err: unknown): Promise<void>;
}

/** Starter starts components, each once, as soon as what it needs has started. */
export class Starter {
  /** checks are the components' own, by name; one that has not started is unavailable. */
  readonly checks: Record<string, (ctx: Ctx) => PromiseLike<unknown>> = {};
  readonly #host: Host;
  readonly #starts = new Map<Component<unknown>, Promise<unknown>>();
  readonly #started = new Map<Component<unknown>, unknown>();
  // Of the starts that have not ended, also those that nobody waits for any more.
  readonly #tasks = new Map<Component<unknown>, Task<unknown>>();

  constructor(host: Host) {
    this.#host = host;
  }

  async start<N extends Needs>(ctx: Ctx, wanted: N): Promise<Values<N>> {
    const startedAt = performance.now();
    using all = withCancel(ctx);
    try {
      const fresh = wiring(wanted).filter((each) => !this.#starts.has(each));
      for (const each of fresh) this.#addCheck(each);
      for (const each of fresh) this.#starts.set(each, this.#one(all, each));
      const values = await this.#values(wanted);
      const components = fresh.map((each) => each.name);
      const duration_ms = Math.round(performance.now() - startedAt);
      if (fresh.length > 0) this.#host.log.info(ctx, "app: started", { components, duration_ms });
      // Each component has become what its start gives.
      return values as Values<N>;
    } catch (err) {
      all.cancel(new Failure("app: the start has failed", { code: "canceled", reason: "app/start", cause: err }));
      await this.#quiet();
      await this.#host.failed(err);
      throw err;
    }
  }

  async #values(needs: Needs): Promise<Record<string, unknown>> {
    const entries = Object.entries(needs).map(async ([name, each]) => [name, await this.#starts.get(each)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  async #one(ctx: Ctx, each: Component<unknown>): Promise<unknown> {
    try {
      // They are in the map, since they come before it in the order.
      const values = await this.#values(each.spec.needs ?? {});
      const value = await this.#run(ctx, each, values);
      await this.#host.adopt(each, value);
      this.#started.set(each, value);
      return value;
    } catch (err) {
      this.#starts.delete(each);
      throw err;
    }
  }

  // A start that does not hear that its time is over is left; what it gives after that is closed with the app.
  async #run(ctx: Ctx, each: Component<unknown>, values: Record<string, unknown>): Promise<unknown> {
    const { start, startMs = this.#host.startMs } = each.spec;
    const name = `app: start ${each.name}`;
    using limited = withTimeout(ctx, startMs);
    const { promise: over, reject } = Promise.withResolvers<never>();
    let left = false;
    using _over = afterDone(limited, () => {
      left = true;
      reject(ctx.err === undefined ? tooSlow(name, startMs) : wrap(limited.err, name));
    });
    const task = go(limited, (inner) => start(inner, values), { name: `start ${each.name}` });
    this.#tasks.set(each, task);
    const value = task.then(
      (result) => {
        this.#tasks.delete(each);
        if (left) this.#host.adopt(each, result).catch(() => {});
        return result;
      },
      (err: unknown) => {
        this.#tasks.delete(each);
        throw wrap(err, name);
      },
    );
    return await Promise.race([value, over]);
  }

  // Those that are starting have been canceled, and end before what they use is closed.
  async #quiet(): Promise<void> {
    const { log, cancelMs } = this.#host;
    const stages = new Stages(log);
    const end = ([{ name }, task]: [Component<unknown>, Task<unknown>]): Promise<void> =>
      stages.step(
        "start",
        name,
        cancelMs,
        () => task.then(none, none),
        () => whereTaskWaits(`start ${name}`),
      );
    await Promise.all([...this.#tasks].map(end));
    if (stages.stuck.length > 0) log.error(background, "app: left behind", { stuck: stages.stuck });
  }

  #addCheck(each: Component<unknown>): void {
    const { health } = each.spec;
    if (health === undefined) return;
    this.checks[each.name] = (ctx) => {
      if (this.#started.has(each)) return health(ctx, this.#started.get(each));
      return Promise.reject(new Failure(`app: ${each.name} has not started`, { code: "unavailable" }));
    };
  }
}

function none(): void {}

function tooSlow(what: string, startMs: number): Failure {
  return new Failure(`${what}: it did not within ${formatDuration(startMs)}`, {
    code: "deadline_exceeded",
    reason: "app/start_timeout",
  });
}
