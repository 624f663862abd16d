import {
  Canceled,
  type CancelCtx,
  type Ctx,
  afterDone,
  background,
  withCancel,
  withTimeout,
} from "../context/index.ts";
import { Failure, is, wrap } from "../errors/index.ts";
import { type Log, newLog } from "../log/index.ts";
import { go, runningTasks } from "../task/index.ts";
import { type Budgets, GRACE_MS, budgetsOf } from "./budgets.ts";
import type { Component, Needs, Values } from "./component.ts";
import { heapAdvice } from "./heap-advice.ts";
import { type Interrupt, onInterrupt } from "./interrupt.ts";
import { type Describable, type Owned, disposer, doingOf, isDisposable } from "./owned.ts";
import { type Parts, Shutdown } from "./shutdown.ts";
import { type Doing, Stages, stuckFailure } from "./stage.ts";
import { Starter } from "./starter.ts";
import { describeTasks, whatKeepsAlive } from "./stuck.ts";

/** AppOptions are the budgets of an app, whose sum must stay below what the platform waits before it kills, and its log. */
export interface AppOptions extends Budgets {
  /** log gets what happens. @default newLog() */
  readonly log?: Log;
}

/** AppState is where an app stands; it only ever moves forward. */
export type AppState = "starting" | "ready" | "draining" | "closing" | "stopped";

/** Drainable is a server that can stop: it takes nothing new, ends what it has, and cuts off the rest when ctx ends. */
export interface Drainable extends Describable {
  shutdown(ctx: Ctx): PromiseLike<unknown>;
}

/**
 * newApp makes the app of a process: it owns resources, servers and background tasks, runs until a signal or a failure,
 * and then ends them in order, each stage with its own budget. Run it inside `main`.
 */
export function newApp(options: AppOptions = {}): App {
  return (latest = new App(options));
}

// Main closes the app of a start that failed; the app was made by code that has thrown, so main must find it here.
let latest: App | undefined;

/** @internal latestApp is the app that was made last. */
export function latestApp(): App | undefined {
  return latest;
}

interface Reason {
  readonly why: string;
  readonly err?: unknown;
  /** delay says that a load balancer may still send requests. */
  readonly delay: boolean;
}

/** App is made by newApp. */
export class App implements AsyncDisposable {
  readonly #log: Log;
  readonly #budgets: Required<Budgets>;
  readonly #scope: CancelCtx = withCancel(background);
  // In the order in which they came; closed in reverse.
  readonly #owned: Parts["resources"][number][] = [];
  readonly #servers: Parts["servers"][number][] = [];
  readonly #tasks = new Map<Promise<void>, string>();
  readonly #flushes: Parts["flushes"][number][] = [];
  readonly #drainListeners: (() => void)[] = [];
  readonly #starter: Starter;
  readonly #stopReason: PromiseWithResolvers<Reason> = Promise.withResolvers<Reason>();
  #state: AppState = "starting";
  // What has asked for the stop first.
  #first: Reason | undefined = undefined;
  // The first error that nobody caught while the app stopped.
  #fault: { readonly err: unknown } | undefined = undefined;
  // The errors that the log has.
  readonly #told: Set<unknown> = new Set();
  // Whether it is too late for a flush to wait for its stage.
  #flushed = false;
  #stopped: Promise<void> | undefined = undefined;

  /** @internal use newApp */
  constructor(options: AppOptions) {
    const { log = newLog(), ...budgets } = options;
    this.#log = log;
    this.#budgets = budgetsOf(budgets);
    this.#starter = new Starter({
      log,
      startMs: this.#budgets.startMs,
      cancelMs: this.#budgets.cancelMs,
      adopt: (each, value) => this.#adopt(each, value),
      failed: async (err) => {
        if (this.#state === "starting") await this.abort(err);
      },
    });
  }

  get state(): AppState {
    return this.#state;
  }

  /** checks are those of the components that are started, for `newHealth({ checks: app.checks })`. */
  get checks(): Readonly<Record<string, (ctx: Ctx) => PromiseLike<unknown>>> {
    return { ...this.#starter.checks };
  }

  /**
   * start starts components and all that they need, each once: as soon as what it needs has started, so that those that
   * do not need each other start at once. They are drained with the servers, and stopped after all that need them.
   *
   * What is wrong with the components is told at once before any is started ("app/wiring"). If one fails or takes longer
   * than its budget ("app/start_timeout") while the app starts, the others are canceled, what has started is stopped in
   * reverse, and its error is thrown.
   */
  start<const N extends Needs>(ctx: Ctx, wanted: N): Promise<Values<N>> {
    return this.#starter.start(ctx, wanted);
  }

  /**
   * own opens a resource and closes it when the app ends, after everything that was opened later. If it cannot be
   * opened while the app starts, what was opened before is closed first, then the error is thrown.
   */
  async own<T extends Owned>(name: string, opening: T | PromiseLike<T>): Promise<T> {
    let resource: T;
    let close: () => unknown;
    try {
      resource = await opening;
      close = disposer(resource, name);
    } catch (err) {
      const failure = wrap(err, `app: open ${name}`);
      if (this.#state === "starting") await this.abort(failure);
      throw failure;
    }
    await this.#keep(name, close, doingOf(resource));
    return resource;
  }

  /** serve has a server drained before anything is closed; while the app stops already, at once. */
  serve(name: string, server: Drainable): void {
    const shutdown = (ctx: Ctx): unknown => server.shutdown(ctx);
    const { drainMs } = this.#budgets;
    if (this.#stopping) void this.#late("drain", name, () => shutdown(withTimeout(background, drainMs)));
    else this.#servers.push({ name, shutdown, doing: doingOf(server) });
  }

  /**
   * go runs a task until the app closes, after the servers have been drained: its context is canceled then. If it fails
   * before, the app stops, and run rejects with its error.
   */
  go(name: string, fn: (ctx: Ctx) => unknown): void {
    const watch = async (): Promise<void> => {
      try {
        await go(this.#scope, fn, { name });
      } catch (err) {
        this.#taskFailed(name, err);
      } finally {
        this.#tasks.delete(done);
      }
    };
    const done = watch();
    this.#tasks.set(done, name);
  }

  /** onDrain has a function called when the app begins to stop, or now: `app.onDrain(() => health.drain())`. */
  onDrain(fn: () => void): void {
    if (this.#stopping) void this.#late("drain", "readiness", fn);
    else this.#drainListeners.push(fn);
  }

  /**
   * onFlush has a function called after the tasks have ended and before anything is closed, with flushMs as its deadline:
   * what it sends away is telemetry, `app.onFlush("spans", (ctx) => exporter.flush(ctx))`.
   */
  onFlush(name: string, fn: (ctx: Ctx) => unknown): void {
    const { flushMs } = this.#budgets;
    if (this.#flushed) void this.#late("flush", name, () => fn(withTimeout(background, flushMs)));
    else this.#flushes.push({ name, fn });
  }

  /**
   * run waits for SIGTERM, SIGINT, the end of ctx or the failure of a task, and then stops the app. It resolves after a
   * clean stop that was asked for, also by dispose. Rejects with the error that made the app stop, with one that nobody
   * caught while it stopped, or with deadline_exceeded ("app/stuck") when something did not end within its budget and was
   * left behind.
   */
  async run(ctx: Ctx): Promise<void> {
    if (this.#state !== "starting") throw new TypeError(`app: run: the app is ${this.#state}`);
    this.#state = "ready";
    const advice = heapAdvice();
    if (advice !== undefined) this.#log.warn(background, "app: memory", { ...advice });
    this.#log.info(background, "app: ready");
    // A process that only waits for a signal would end by itself.
    const alive = setInterval(() => {}, 2 ** 30);
    try {
      using _interrupts = onInterrupt((what) => this.#interrupted(what));
      using _ended = afterDone(ctx, () => this.#ask(reasonOf(ctx)));
      const reason = await this.#stopReason.promise;
      await (this.#stopped ??= this.#stop(reason));
      // What a failure that made the app stop is thrown for: its caller ends with another exit code.
      if ("err" in reason) throw reason.err;
      if (this.#fault !== undefined) throw this.#fault.err;
    } finally {
      clearInterval(alive);
    }
  }

  /** @internal abort stops the app because its start, or what came after it, has failed. It never rejects, but logs. */
  async abort(err: unknown): Promise<void> {
    if (!this.#stopping) this.#ask({ why: "the start failed", err, delay: false });
    else if (!this.#knows(err)) this.#tell("app: failed after it was stopped", { err });
    try {
      await this.#stopOnce();
    } catch {
      // What got stuck is in the log; why the start failed is what its caller wants to know.
    }
  }

  /** Stops the app, if it is not stopped yet. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ask({ why: "disposed", delay: false });
    await this.#stopOnce();
  }

  #interrupted(what: Interrupt): void {
    if (what.kind === "signal") this.#ask({ why: what.signal, delay: what.signal === "SIGTERM" });
    else {
      if (this.#first !== undefined) this.#fault ??= what;
      this.#ask({ why: "an error that nobody caught", err: what.err, delay: true });
    }
  }

  #taskFailed(name: string, err: unknown): void {
    // Who is canceled may say so.
    if (this.#scope.err !== undefined && is(err, Canceled)) return;
    this.#ask({ why: "a task failed", err: wrap(err, `app: task ${name}`), delay: true });
  }

  // The first reason stops the app; an error that comes later is no reason any more, but must not be lost.
  #ask(reason: Reason): void {
    if (this.#first !== undefined && "err" in reason) {
      this.#tell("app: failed while stopping", { why: reason.why, err: reason.err });
    }
    this.#first ??= reason;
    this.#stopReason.resolve(reason);
  }

  #stopOnce(): Promise<void> {
    return (this.#stopped ??= this.#stopReason.promise.then((reason) => this.#stop(reason)));
  }

  get #stopping(): boolean {
    return this.#state !== "starting" && this.#state !== "ready";
  }

  #tell(msg: string, attrs: { readonly err: unknown; readonly why?: string }): void {
    this.#told.add(attrs.err);
    this.#log.error(background, msg, attrs);
  }

  // Whether the log has the error, or one of its causes (which may go in circles).
  #knows(err: unknown): boolean {
    for (let each = err, n = 0; n < 32; n++) {
      if (this.#told.has(each)) return true;
      if (!(each instanceof Error)) return false;
      each = each.cause;
    }
    return false;
  }

  async #adopt({ name, spec: { stop, drain } }: Component<unknown>, value: unknown): Promise<void> {
    const doing = doingOf(value);
    if (drain !== undefined) this.serve(name, { shutdown: (ctx) => drain(ctx, value), describe: doing });
    if (stop !== undefined) {
      const close = async (): Promise<void> => {
        using ctx = withTimeout(background, this.#budgets.closeMs);
        await stop(ctx, value);
      };
      await this.#keep(name, close, doing);
    } else if (isDisposable(value)) await this.#keep(name, disposer(value, name), doing);
  }

  async #keep(name: string, close: () => unknown, doing: Doing): Promise<void> {
    if (this.#stopping) {
      await this.#late("close", name, close);
      throw new Failure(`app: open ${name}: the app is stopping`, { code: "canceled", reason: "app/stopping" });
    }
    this.#owned.push({ name, close, doing });
  }

  // Ends what has come while the app stops.
  async #late(stage: "drain" | "flush" | "close", name: string, work: () => unknown): Promise<void> {
    const stages = new Stages(this.#log);
    await stages.step(stage, name, this.#budgets[`${stage}Ms`] + GRACE_MS, work);
    if (stages.stuck.length > 0) this.#log.error(background, "app: left behind", { stuck: stages.stuck });
  }

  async #stop(reason: Reason): Promise<void> {
    const startedAt = performance.now();
    const log = this.#log;
    this.#state = "draining";
    if ("err" in reason) this.#tell("app: stopping", { why: reason.why, err: reason.err });
    else log.info(background, "app: stopping", { why: reason.why });
    const shutdown = new Shutdown(log, this.#budgets);
    const parts: Parts = {
      listeners: this.#drainListeners,
      servers: this.#servers,
      tasks: this.#tasks,
      flushes: this.#flushes,
      resources: this.#owned.toReversed(),
    };
    await shutdown.notReady(parts, reason.delay);
    await shutdown.drain(parts);
    this.#state = "closing";
    this.#scope.cancel(new Failure("app: closing", { code: "canceled", reason: "app/closing" }));
    await shutdown.cancel(parts);
    this.#flushed = true;
    await shutdown.flush(parts);
    await shutdown.close(parts);
    this.#state = "stopped";
    const { stages } = shutdown;
    const ms = Math.round(performance.now() - startedAt);
    if (stages.stuck.length === 0) log.info(background, "app: stopped", { duration_ms: ms });
    else this.#report(stages, ms);
    log.flush();
    if (stages.stuck.length === 0) return;
    const failure = stuckFailure(stages, reason.err);
    this.#told.add(failure);
    throw failure;
  }

  #report(stages: Stages, ms: number): void {
    const tasks = describeTasks(runningTasks());
    this.#log.error(background, "app: hard stop", {
      duration_ms: ms,
      stuck: stages.stuck,
      tasks,
      alive: whatKeepsAlive(),
    });
  }
}

// Why a context has ended: what interrupted a start is told by main, as the cause.
function reasonOf({ cause }: Ctx): Reason {
  if (!(cause instanceof Failure) || cause.reason !== "app/interrupted")
    return { why: "its context ended", delay: false };
  if (cause.cause === undefined) return { why: cause.message, delay: false };
  return { why: cause.message, err: cause.cause, delay: false };
}
