import { type CancelCtx, background, withCancel } from "../../context/index.ts";
import { Races } from "../race/races.ts";
import { hasHappened } from "../race/location.ts";
import { RaceError } from "../race/report.ts";
import type { Link } from "../race/order.ts";
import type { TaskEntry } from "../../runtime/registry.ts";
import type { LockBook } from "../deadlocks/lock-book.ts";
import { lockWaits } from "../deadlocks/say.ts";
import { describe } from "../leaks/leak.ts";
import { Watch } from "../leaks/watch.ts";
import { type VirtualTimer, VirtualClock } from "../world/clock.ts";
import { thenNatively } from "../world/intercept.ts";
import { type Callback, type World, worlds } from "../world/world.ts";
import { type Fault, fault } from "./fault.ts";
import { gate } from "./gate.ts";
import { handOn, locksOf } from "./locks.ts";
import { type Site, siteHere } from "./site.ts";
import { type Kind, type Pending, type Segment, type Step, Chains } from "./step.ts";
import { type Random, type Strategy, fifo } from "./strategy.ts";

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
  /** deadlocks says whether locks that are taken in opposite orders are a failure. */
  readonly deadlocks: boolean;
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
  readonly watch: Watch = new Watch(this);
  readonly locks: LockBook;
  steps = 0;
  fault: Fault | undefined = undefined;
  result: R | undefined = undefined;

  readonly #options: RunOptions;
  readonly #ready: Step[] = [];
  // What stands behind the first of a lane, which is ready.
  readonly #lanes = new Map<object, Step[]>();
  readonly #queued = new Map<VirtualTimer, Step>();
  // The awaits that have begun, and whose `then` the engine has not called yet: it does so before the next step.
  readonly #begun: { readonly promise: Promise<unknown>; readonly site: Site | undefined }[] = [];
  readonly #cleanups: (() => unknown)[] = [];
  #races: Races | undefined = undefined;
  #arrived = 0;
  #settling: (() => void) | undefined = undefined;
  #phase: "running" | "returned" | "over" = "running";

  constructor(options: RunOptions) {
    this.#options = options;
    this.locks = locksOf(this, options);
  }

  get now(): number {
    return this.clock.now;
  }

  get sites(): boolean {
    return this.#options.sites;
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
      if (races !== undefined && races.length > 0)
        this.fault = { kind: "race", error: new RaceError(races), happened: races.some(hasHappened) };
      return over;
    } finally {
      this.#races?.suspend();
    }
  }

  /** races is what looks for races in this run, from the first object on that is tracked. */
  races(): Races | undefined {
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
      } else if (this.#phase === "returned" && this.pending.size === 0 && !this.#tasksLeft()) {
        this.#finish();
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
    this.#begun.push({ promise, site: this.#site() });
  }

  react(promise: Promise<unknown>, onResult: Callback, onError: Callback): Promise<unknown> {
    const begun = this.#begun.findIndex((one) => one.promise === promise);
    const kind = begun < 0 ? "then" : "await";
    const site = begun >= 0 ? this.#begun.splice(begun, 1)[0]!.site : this.#site();
    const origin = this.current;
    const pending = { segment: origin, site };
    if (kind === "await") this.pending.add(pending);
    const arrive = (go: () => void, value?: unknown, rejected = false): void => {
      if (kind === "await") this.pending.delete(pending);
      // Of those that waited for one promise, the engine resumes the first first.
      const lane = this.current === origin ? undefined : promise;
      const links = this.#races?.linksOf(promise, rejected);
      const { segment } = this.arrive(kind, origin, go, { site, lane, links });
      if (kind === "await") handOn(this.locks, origin, segment, value);
    };
    return gate(kind, promise, onResult, onError, arrive);
  }

  begins(task: TaskEntry): void {
    this.current.task = task.name;
  }

  soon(fn: () => void): void {
    this.arrive("microtask", this.current, fn, { site: this.#site() });
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

  /** arrive makes a step of what may go on now; steps with the same lane go on in their order. */
  arrive(kind: Kind, origin: Segment, go: () => void, more: Arrival): Step {
    const { site, lane, links, settler = this.current } = more;
    const segment = this.chains.next(origin, settler);
    segment.chain.site ??= site;
    if (kind !== "timer") segment.task = origin.task;
    const step = { kind, segment, go, site, lane, number: ++this.#arrived, links };
    const behind = lane === undefined ? undefined : this.#lanes.get(lane);
    if (behind !== undefined) behind.push(step);
    else {
      if (lane !== undefined) this.#lanes.set(lane, []);
      this.#ready.push(step);
    }
    return step;
  }

  #site(): Site | undefined {
    return this.#options.sites ? siteHere() : undefined;
  }

  #step(): void {
    if (++this.steps > this.#options.maxSteps) {
      this.fail(fault("livelock", new Error(`test: the program went on for ${this.#options.maxSteps} steps`)));
      return;
    }
    let choice = 0;
    if (this.steps > this.#options.maxSteps / 2) {
      // No strategy has to be fair, but an event loop is: only what goes on for ever in its order is a livelock.
      choice = fifo.step(this.#ready, this.current);
    } else if (this.#ready.length > 1) {
      this.#continueFirst();
      choice = this.#options.strategy.step(this.#ready, this.current);
      this.decisions.push({ choice, of: this.#ready.length });
    }
    this.#begun.length = 0;
    const next = this.#ready[choice]!;
    if (this.#options.sites && choice > 0) this.story.push({ step: next, before: this.#ready[0]!, after: this.steps });
    remove(this.#ready, choice);
    if (next.lane !== undefined) this.#followUp(next.lane);
    this.current = next.segment;
    this.#races?.begin(next);
    try {
      next.go();
    } catch (err) {
      this.fail(fault("failed", err));
    }
  }

  #followUp(lane: object): void {
    const step = this.#lanes.get(lane)?.shift();
    if (step === undefined) this.#lanes.delete(lane);
    else this.#ready.push(step);
  }

  // The step that goes on with what ran last is number 0: a decision of 0 is no switch.
  #continueFirst(): void {
    const ready = this.#ready;
    const { chain } = this.current;
    let place = 0;
    while (place < ready.length && ready[place]!.segment.chain !== chain) place++;
    if (place === 0 || place === ready.length) return;
    const step = ready[place]!;
    // By hand: copyWithin takes three times as long for so few.
    for (let i = place; i > 0; i--) ready[i] = ready[i - 1]!;
    ready[0] = step;
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

  #tasksLeft(): boolean {
    return this.#options.leaks && this.watch.tasks.list().length > 0;
  }

  #finish(): void {
    const left = this.#options.leaks ? this.watch.left() : [];
    if (left.length > 0) this.fail(fault("leak", undefined, [], describe(left)));
    else this.#phase = "over";
  }

  #stuck(): void {
    const pending = [...this.pending];
    if (this.#phase === "running") {
      this.fail(fault("deadlock", undefined, pending, lockWaits(this.locks)));
    } else if (this.#options.leaks) {
      // Waits are awaits too.
      const left = this.watch.left().filter(({ kind }) => kind !== "wait");
      this.fail(fault("leak", undefined, pending, `${lockWaits(this.locks)}${describe(left)}`));
    } else this.#phase = "over";
  }
}

// splice makes an array of what it takes out.
function remove(steps: Step[], place: number): void {
  for (let i = place + 1; i < steps.length; i++) steps[i - 1] = steps[i]!;
  steps.pop();
}

/** Arrival says more about a step. */
interface Arrival {
  readonly site?: Site | undefined;
  readonly lane?: object | undefined;
  readonly links?: readonly Link[] | undefined;
  /** settler is the segment in which it became ready. */
  readonly settler?: Segment;
}
