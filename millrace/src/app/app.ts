import {
  Canceled,
  type CancelCtx,
  type Ctx,
  afterDone,
  background,
  sleep,
  withCancel,
  withTimeout,
} from "../context/index.ts";
import { Failure, is, wrap } from "../errors/index.ts";
import { type Log, newLog } from "../log/index.ts";
import { go, runningTasks } from "../task/index.ts";
import { formatDuration } from "../time/index.ts";
import { type Interrupt, onInterrupt } from "./interrupt.ts";
import { Stages, type Stuck } from "./stage.ts";
import { describeTasks, whatKeepsAlive } from "./stuck.ts";

/** AppOptions are the budgets of a shutdown; their sum must stay below what the platform waits before it kills. */
export interface AppOptions {
  /** log gets what happens. @default newLog() */
  readonly log?: Log;
  /**
   * readyDelayMs is how long the service goes on after it has become not ready, so that the load balancer can see it.
   * A person's SIGINT does not wait for that. @default 5000
   */
  readonly readyDelayMs?: number;
  /** drainMs is how long servers may take to end the requests that they have accepted. @default 15000 */
  readonly drainMs?: number;
  /** closeMs is how long background tasks and then resources may take to end. @default 5000 */
  readonly closeMs?: number;
}

/** AppState is where an app stands; it only ever moves forward. */
export type AppState = "starting" | "ready" | "draining" | "closing" | "stopped";

/** Drainable is a server that can stop: it takes nothing new, ends what it has, and cuts off the rest when ctx ends. */
export interface Drainable {
  shutdown(ctx: Ctx): PromiseLike<unknown>;
}

// What a server may take to cut connections after its deadline, and a resource to close even if the budget is spent.
const GRACE_MS = 500;

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
  readonly #readyDelayMs: number;
  readonly #drainMs: number;
  readonly #closeMs: number;
  readonly #scope: CancelCtx = withCancel(background);
  // In the order in which they came; closed in reverse.
  readonly #owned: { readonly name: string; readonly resource: AsyncDisposable | Disposable }[] = [];
  readonly #servers: { readonly name: string; readonly server: Drainable }[] = [];
  readonly #tasks = new Map<Promise<void>, string>();
  readonly #drainListeners: (() => void)[] = [];
  readonly #stopReason: PromiseWithResolvers<Reason> = Promise.withResolvers<Reason>();
  #state: AppState = "starting";
  // What has asked for the stop first.
  #first: Reason | undefined = undefined;
  // The errors that the log has.
  readonly #told: Set<unknown> = new Set();
  #stopped: Promise<void> | undefined = undefined;

  /** @internal use newApp */
  constructor(options: AppOptions) {
    const { log = newLog(), readyDelayMs = 5000, drainMs = 15_000, closeMs = 5000 } = options;
    for (const [name, ms] of Object.entries({ readyDelayMs, drainMs, closeMs })) {
      if (!(ms >= 0 && ms < 2 ** 31))
        throw new RangeError(`app: ${name} must be from 0 to 2^31 milliseconds, not ${ms}`);
    }
    this.#log = log;
    this.#readyDelayMs = readyDelayMs;
    this.#drainMs = drainMs;
    this.#closeMs = closeMs;
  }

  get state(): AppState {
    return this.#state;
  }

  /**
   * own opens a resource and closes it when the app ends, after everything that was opened later. If it cannot be
   * opened while the app starts, what was opened before is closed first, then the error is thrown.
   */
  async own<T extends AsyncDisposable | Disposable>(name: string, opening: T | PromiseLike<T>): Promise<T> {
    let resource: T;
    try {
      resource = await opening;
      disposer(resource, name);
    } catch (err) {
      const failure = wrap(err, `app: open ${name}`);
      if (this.#state === "starting") await this.abort(failure);
      throw failure;
    }
    if (this.#stopping) {
      await this.#late("close", name, disposer(resource, name));
      throw new Failure(`app: open ${name}: the app is stopping`, { code: "canceled", reason: "app/stopping" });
    }
    this.#owned.push({ name, resource });
    return resource;
  }

  /** serve has a server drained before anything is closed; while the app stops already, at once. */
  serve(name: string, server: Drainable): void {
    if (this.#stopping) void this.#late("drain", name, () => server.shutdown(withTimeout(background, this.#drainMs)));
    else this.#servers.push({ name, server });
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
   * run waits for SIGTERM, SIGINT, the end of ctx or the failure of a task, and then stops the app. It resolves after a
   * clean stop that was asked for, also by dispose. Rejects with the error that made the app stop, or with
   * deadline_exceeded ("app/stuck") when something did not end within its budget and was left behind.
   */
  async run(ctx: Ctx): Promise<void> {
    if (this.#state !== "starting") throw new TypeError(`app: run: the app is ${this.#state}`);
    this.#state = "ready";
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
    else this.#ask({ why: "an error that nobody caught", err: what.err, delay: true });
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

  // Ends what has come while the app stops.
  async #late(stage: Stuck["stage"], name: string, work: () => unknown): Promise<void> {
    const stages = new Stages(this.#log);
    await stages.step(stage, name, stage === "drain" ? this.#drainMs + GRACE_MS : this.#closeMs, work);
    if (stages.stuck.length > 0) this.#log.error(background, "app: left behind", { stuck: stages.stuck });
  }

  async #stop(reason: Reason): Promise<void> {
    const startedAt = performance.now();
    const log = this.#log;
    this.#state = "draining";
    if ("err" in reason) this.#tell("app: stopping", { why: reason.why, err: reason.err });
    else log.info(background, "app: stopping", { why: reason.why });
    const stages = new Stages(log);
    await Promise.all(this.#drainListeners.map((fn) => stages.step("drain", "readiness", GRACE_MS, fn)));
    if (reason.delay && this.#servers.length > 0) await sleep(background, this.#readyDelayMs);
    await this.#drain(stages);
    this.#state = "closing";
    this.#scope.cancel(new Failure("app: closing", { code: "canceled", reason: "app/closing" }));
    await this.#close(stages);
    this.#state = "stopped";
    const ms = Math.round(performance.now() - startedAt);
    if (stages.stuck.length === 0) log.info(background, "app: stopped", { duration_ms: ms });
    else this.#report(stages, ms);
    log.flush();
    if (stages.stuck.length === 0) return;
    const failure = stuckFailure(stages, reason.err);
    this.#told.add(failure);
    throw failure;
  }

  async #drain(stages: Stages): Promise<void> {
    using ctx = withTimeout(background, this.#drainMs);
    const limitMs = this.#drainMs + GRACE_MS;
    const step = ({ name, server }: { name: string; server: Drainable }): Promise<void> =>
      stages.step("drain", name, limitMs, () => server.shutdown(ctx));
    await Promise.all(this.#servers.map(step));
  }

  async #close(stages: Stages): Promise<void> {
    const until = performance.now() + this.#closeMs;
    const leftMs = (): number => until - performance.now();
    // Tasks use the resources, so they come first; one that is stuck must leave time to close the rest.
    const waited = new Set<Promise<void>>();
    // Those that a task starts when it is canceled are waited for too, as long as there is time.
    do {
      const tasks = [...this.#tasks].filter(([done]) => !waited.has(done));
      for (const [done] of tasks) waited.add(done);
      await Promise.all(tasks.map(([done, name]) => stages.step("cancel", name, leftMs() / 2, () => done)));
    } while (leftMs() > 1 && this.#tasks.keys().some((done) => !waited.has(done)));
    const rest = this.#owned.toReversed();
    const close = (limitMs: number, { name, resource }: (typeof rest)[number]): Promise<void> =>
      stages.step("close", name, limitMs, disposer(resource, name));
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      await close(Math.max(leftMs(), GRACE_MS), next);
      // A timer may fire half a millisecond early.
      if (leftMs() > 1) continue;
      // The budget is spent: what is left gets a last chance, all at once.
      await Promise.all(rest.splice(0).map((each) => close(GRACE_MS, each)));
    }
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

function stuckFailure(stages: Stages, cause: unknown): Failure {
  const what = stages.stuck.map(({ stage, name, waited_ms }) => `${name} (${stage}, ${formatDuration(waited_ms)})`);
  return new Failure(`app: hard stop: did not end: ${what.join(", ")}`, {
    code: "deadline_exceeded",
    reason: "app/stuck",
    cause,
  });
}

function disposer(resource: Partial<AsyncDisposable & Disposable>, name: string): () => unknown {
  const dispose = resource[Symbol.asyncDispose] ?? resource[Symbol.dispose];
  if (dispose === undefined) throw new TypeError(`${name} has neither Symbol.asyncDispose nor Symbol.dispose`);
  return () => dispose.call(resource);
}
