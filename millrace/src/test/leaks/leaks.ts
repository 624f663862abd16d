import { kit } from "../explore/kit.ts";
import { worlds } from "../world/world.ts";
import { watchEverywhere, watches } from "./hook.ts";
import { type Ignore, type Leak, LeakError, isIgnored } from "./leak.ts";
import { watchOutside } from "./outside.ts";
import { Watch } from "./watch.ts";

/** LeaksOptions says what is no leak. */
export interface LeaksOptions {
  /** ignore is what may be left; of a rule with several parts all must hold. */
  readonly ignore?: readonly Ignore[];
}

/** SuiteOptions says what a suite may leave, and when that is looked at. */
export interface SuiteOptions extends LeaksOptions {
  /** always says whether leaks are also reported after tests that failed, which often leave something. @default false */
  readonly always?: boolean;
}

// Taken when the module loads: a test that mocks timers must not stop the check.
const wait = setTimeout;
const next = setImmediate;
// What is about to end gets so many looks, farther and farther apart, and 100 ms in all. Source: goleak.
const TRIES = 20;
const TOTAL_MS = 90;
const SQUARES = 2470;

/**
 * leaks notes what its caller begins from now on, and says at the end what of that has not ended: tasks of `go`, waits on
 * channels and locks, locks that are held, contexts whose timer is set, timers, and listeners on signals.
 *
 *     await using _ = leaks();                       // at the head of a test: it fails at the end of the block
 *     const left = leaks(); …; await left.check();   // or where you like
 *
 * What is about to end has 100 ms for it. Tests that run side by side do not see each other's. In `bubble` and `explore`
 * the same is looked at when the run has ended, without asking. It works in any test runner, and without one.
 * Source: go.uber.org/goleak.
 */
export function leaks(options: LeaksOptions = {}): Leaks {
  const watch = new Watch(worlds.getStore(), watches.getStore());
  watches.enterWith(watch);
  return new Leaks(watch, options);
}

/** Leaks is what a test has begun. */
export class Leaks implements AsyncDisposable {
  readonly #watch: Watch;
  readonly #ignore: readonly Ignore[];
  readonly #known = new WeakSet<object>();
  readonly #held: readonly Disposable[];

  /** @internal use leaks */
  constructor(watch: Watch, { ignore = [] }: LeaksOptions) {
    this.#watch = watch;
    this.#ignore = ignore;
    this.#held = [kit(), watchOutside()];
  }

  /** ignoreCurrent has what is there now count as no leak. */
  ignoreCurrent(): void {
    for (const { thing } of this.left()) this.#known.add(thing);
  }

  /** left lists what is left now, without waiting. */
  left(): Leak[] {
    return this.#watch.left().filter((leak) => !this.#known.has(leak.thing) && !isIgnored(leak, this.#ignore));
  }

  /** check rejects with a LeakError if something is left; what is about to end has 100 ms. */
  async check(): Promise<void> {
    let left = this.left();
    // In a world nothing happens while real time passes.
    for (let i = 1; left.length > 0 && i < TRIES && this.#watch.world === undefined; i++) {
      await pause(i);
      left = this.left();
    }
    if (left.length > 0) throw new LeakError(left);
  }

  /** Checks, and watches no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.check();
    } finally {
      this.close();
    }
  }

  /** close watches no more. */
  close(): void {
    this.#watch.open = false;
    for (const each of this.#held) each[Symbol.dispose]();
  }
}

/**
 * suiteLeaks looks at the end of the process whether the tests of a file have left something, if they have passed: it
 * is told on stderr, and the exit code becomes 1. Call it once, before the tests: `suiteLeaks()`. Timers are not among
 * it, since they keep the process from ending.
 */
export function suiteLeaks({ always = false, ...options }: SuiteOptions = {}): Leaks {
  const watch = new Watch(undefined);
  watchEverywhere(watch);
  const all = new Leaks(watch, options);
  process.once("exit", (code) => {
    if (code !== 0 && !always) return;
    const left = all.left();
    if (left.length === 0) return;
    process.stderr.write(`${new LeakError(left).message}\n`);
    process.exitCode = code === 0 ? 1 : code;
  });
  return all;
}

function pause(i: number): Promise<void> {
  const ms = (TOTAL_MS * i * i) / SQUARES;
  // Its own timer is nothing that the test has left.
  return watches.exit(() => new Promise((resolve) => void (ms < 1 ? next(resolve) : wait(resolve, ms))));
}
