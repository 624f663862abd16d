import { type CancelCtx, background, withCancel } from "../../context/index.ts";
import { Races } from "../race/races.ts";
import { RaceError } from "../race/report.ts";
import type { Link } from "../race/order.ts";
import { type VirtualTimer, VirtualClock } from "../world/clock.ts";
import { isPlain, natively, thenNatively } from "../world/intercept.ts";
import { type Callback, type World, worlds } from "../world/world.ts";
import { type Fault, fault } from "./fault.ts";
import { type Site, siteHere } from "./site.ts";
import { type Kind, type Pending, type Segment, type Step, Chains } from "./step.ts";
import type { Random, Strategy } from "./strategy.ts";

/** RunOptions says how a run is watched. */
export interface RunOptions {
  readonly strategy: Strategy;
  /** random is what Math.random and its like draw from. */
  readonly random: Random;
  /** maxSteps ends a run that goes on for ever. */
  readonly maxSteps: number;
  /** sites says whether each await remembers its place, 5 µs for each: for the run that is told to a reader. */
  readonly sites: boolean;
  /** leaks says whether an await that is left waiting at the end is a failure. */
  readonly leaks: boolean;
  /** races says how closely races between tasks are looked for. */
  readonly races: "error" | "strict" | "off";
}

/** Decision is one choice that a run has made: which of how many. */
export interface Decision {
  readonly choice: number;
  readonly of: number;
}

/** Told is a switch or a choice of a run, and after how many steps it came. */
export type Told =
  | { readonly step: Step; readonly before: Step; readonly after: number }
  | { readonly choice: number; readonly of: number; readonly site: Site | undefined; readonly after: number };

/** Body is a program under test. */
export type Body<R = unknown> = (t: T) => R | PromiseLike<R>;

/** T is what a program under test is given. */
export interface T {
  /** ctx ends when the program has returned, before the run waits for what the program has left. */
  readonly ctx: CancelCtx;
  /** now is the virtual time, Unix milliseconds; it begins at 2000-01-01T00:00:00Z. */
  readonly now: number;
  /** sleep waits a number of virtual milliseconds, which take no time. */
  sleep(ms: number): Promise<void>;
  /** settle waits until everything else waits, before the time moves. Only one at a time: a second one rejects. */
  settle(): Promise<void>;
  /** cleanup has a function called when the program has ended, the last one first. */
  cleanup(fn: () => unknown): void;
}

/**
 * Run is one execution of a program in which every resumption is decided upon: whatever may go on is a step, and the
 * strategy says which one does. It is the world of the program. A run is driven by pump, from the event loop.
 */
export class Run<R = unknown> implements World, T {
  readonly clock: VirtualClock = new VirtualClock(() => this.current);
  readonly ctx: CancelCtx = withCancel(background);
  readonly decisions: Decision[] = [];
  /** story is what was decided in turn, if sites are recorded. */
  readonly story: Told[] = [];
  readonly pending: Set<Pending> = new Set();
  readonly chains: Chains = new Chains();
  /** current is the segment that runs, or ran last. */
  current: Segment = this.chains.root;
  steps = 0;
  fault: Fault | undefined = undefined;
  result: R | undefined = undefined;

  readonly #options: RunOptions;
  readonly #ready: Step[] = [];
  readonly #queued = new Map<VirtualTimer, Step>();
  // The awaits that have begun, and whose `then` the engine has not called yet.
  readonly #begun = new WeakMap<Promise<unknown>, (Site | undefined)[]>();
  readonly #cleanups: (() => unknown)[] = [];
  #races: Races | undefined = undefined;
  #arrived = 0;
  #settling: (() => void) | undefined = undefined;
  #phase: "running" | "returned" | "over" = "running";

  constructor(options: RunOptions) {
    this.#options = options;
  }

  get now(): number {
    return this.clock.now;
  }

  get ended(): boolean {
    return this.#phase === "over";
  }

  /** begin starts the program. */
  begin(body: Body<R>): void {
    worlds.run(this, () => {
      const main = (async () => await body(this))();
      void thenNatively(
        main,
        (value: R) => {
          this.result = value;
          this.#returned();
        },
        (err: unknown) => this.fail(fault("failed", err)),
      );
    });
  }

  /** fail ends the run; the first fault is the one that counts. */
  fail(found: Fault): void {
    this.fault ??= found;
    this.#phase = "over";
  }

  /** pump runs steps until the run is over, or only something outside can bring it on (false). */
  pump(drain: () => void, outstanding: () => boolean): boolean {
    this.#races?.resume();
    try {
      const over = this.#pump(drain, outstanding);
      const races = over && this.fault === undefined ? this.#races?.end() : undefined;
      if (races !== undefined && races.length > 0) this.fault = fault("race", new RaceError(races));
      return over;
    } finally {
      this.#races?.suspend();
    }
  }

  /** watch is what looks for races in this run, from the first object on that is tracked. */
  watch(): Races | undefined {
    const { races, sites } = this.#options;
    if (races === "off" || this.ended) return undefined;
    return (this.#races ??= new Races(this.current, { strict: races === "strict", sites }));
  }

  combined(promise: Promise<unknown>, name: string, elements: readonly unknown[]): void {
    this.#races?.combined(promise, name, elements);
  }

  #pump(drain: () => void, outstanding: () => boolean): boolean {
    for (;;) {
      drain();
      if (this.ended) return true;
      if (this.#ready.length > 0) {
        this.#step();
      } else if (this.#settling !== undefined) {
        const settled = this.#settling;
        this.#settling = undefined;
        this.#races?.meet(this.current);
        settled();
      } else if (this.#due()) {
        continue;
      } else if (outstanding()) {
        return false;
      } else if (this.#phase === "returned" && this.pending.size === 0) {
        this.#phase = "over";
      } else if (!this.clock.advance()) {
        this.#stuck();
      }
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.set(ms, resolve));
  }

  settle(): Promise<void> {
    if (this.#settling !== undefined) return Promise.reject(new Error("test: settle: another settle is waiting"));
    return new Promise((resolve) => (this.#settling = resolve));
  }

  cleanup(fn: () => unknown): void {
    this.#cleanups.push(fn);
  }

  awaiting(promise: Promise<unknown>): void {
    const begun = this.#begun.get(promise);
    const site = this.#options.sites ? siteHere() : undefined;
    if (begun === undefined) this.#begun.set(promise, [site]);
    else begun.push(site);
  }

  react(promise: Promise<unknown>, onResult: Callback, onError: Callback): Promise<unknown> {
    const begun = this.#begun.get(promise);
    const kind = begun === undefined || begun.length === 0 ? "then" : "await";
    const site = kind === "await" ? begun!.shift() : this.#options.sites ? siteHere() : undefined;
    const origin = this.current;
    const pending = { segment: origin, site };
    if (kind === "await") this.pending.add(pending);
    const arrive = (go: () => void, rejected = false): void => {
      this.pending.delete(pending);
      this.arrive(kind, origin, go, { site, links: this.#races?.linksOf(promise, rejected) });
    };
    return natively(() =>
      isPlain(promise) ? gated(promise, onResult, onError, arrive) : gatedInside(promise, onResult, onError, arrive),
    );
  }

  soon(fn: () => void): void {
    this.arrive("microtask", this.current, fn, { site: this.#options.sites ? siteHere() : undefined });
  }

  random(): number {
    return this.#options.random.fraction();
  }

  /** choose decides one of n for the program: what a select takes, which fault strikes. */
  choose(n: number): number {
    if (n < 2) return 0;
    const choice = this.#options.strategy.value(n);
    this.decisions.push({ choice, of: n });
    if (this.#options.sites) this.story.push({ choice, of: n, site: siteHere(), after: this.steps });
    return choice;
  }

  /** arrive makes a step of what may go on now. */
  arrive(kind: Kind, origin: Segment, go: () => void, { site, links, settler = this.current }: Arrival = {}): Step {
    const segment = this.chains.next(origin, settler);
    segment.chain.name ??= site?.task;
    const step = { kind, segment, go, site, number: ++this.#arrived, links };
    this.#ready.push(step);
    return step;
  }

  #step(): void {
    if (++this.steps > this.#options.maxSteps) {
      this.fail(fault("livelock", new Error(`test: the program went on for ${this.#options.maxSteps} steps`)));
      return;
    }
    let choice = 0;
    if (this.#ready.length > 1) {
      this.#continueFirst();
      choice = this.#options.strategy.step(this.#ready, this.current);
      this.decisions.push({ choice, of: this.#ready.length });
    }
    const next = this.#ready[choice]!;
    if (this.#options.sites && choice > 0) this.story.push({ step: next, before: this.#ready[0]!, after: this.steps });
    this.#ready.splice(choice, 1);
    this.current = next.segment;
    this.#races?.begin(next);
    try {
      next.go();
    } catch (err) {
      this.fail(fault("failed", err));
    }
  }

  // The step that goes on with what ran last is number 0: a decision of 0 is no switch.
  #continueFirst(): void {
    const place = this.#ready.findIndex(({ segment }) => segment.chain === this.current.chain);
    if (place > 0) this.#ready.unshift(...this.#ready.splice(place, 1));
  }

  // Timers that are due at once may fire in any order, but for those that Node keeps in order.
  #due(): boolean {
    const due = this.clock.due().filter((timer) => !this.#queued.has(timer));
    for (const timer of due) {
      const go = (): void => {
        this.#queued.delete(timer);
        if (timer.open) this.clock.fire(timer);
      };
      // As the clock was told: it comes after what has set it, and after nothing else.
      const settler = timer.setIn as Segment;
      this.#queued.set(timer, this.arrive("timer", settler, go, { settler }));
    }
    return due.length > 0;
  }

  #returned(): void {
    this.#phase = "returned";
    worlds.run(this, () => {
      this.ctx.cancel();
      void (async () => {
        for (const fn of this.#cleanups.toReversed()) await fn();
      })().catch((err: unknown) => this.fail(fault("failed", err)));
    });
  }

  #stuck(): void {
    const left = [...this.pending];
    if (this.#phase === "running") this.fail(fault("deadlock", undefined, left));
    else if (this.#options.leaks) this.fail(fault("leak", undefined, left));
    else this.#phase = "over";
  }
}

/** Arrival says more about a step. */
interface Arrival {
  readonly site?: Site | undefined;
  readonly links?: readonly Link[] | undefined;
  /** settler is the segment in which it became ready. */
  readonly settler?: Segment;
}

type Arrive = (go: () => void, rejected?: boolean) => void;

/** gated is promise.then(…) whose callbacks wait until their step is taken. */
function gated(promise: Promise<unknown>, onResult: Callback, onError: Callback, arrive: Arrive): Promise<unknown> {
  const { promise: gate, resolve, reject } = Promise.withResolvers<unknown>();
  void thenNatively(
    promise,
    (value) => arrive(() => resolve(value)),
    (err) => arrive(() => reject(err), true),
  );
  return thenNatively(gate, onResult, onError);
}

/** gatedInside is gated for a promise of a subclass, whose `then` makes another of that class. */
function gatedInside(
  promise: Promise<unknown>,
  onResult: Callback,
  onError: Callback,
  arrive: Arrive,
): Promise<unknown> {
  const wrap = (callback: Callback, otherwise: Callback) => (value: never) => {
    const gate = new Promise<unknown>((resolve) => arrive(() => resolve(undefined)));
    return thenNatively(gate, () => (callback ?? otherwise)!(value), undefined);
  };
  return thenNatively(
    promise,
    wrap(onResult, (value) => value),
    wrap(onError, (err) => {
      throw err;
    }),
  );
}
