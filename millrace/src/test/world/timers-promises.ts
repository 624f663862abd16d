import timersPromises from "node:timers/promises";
import { Immediate, Timeout } from "./handle.ts";
import type { Patches } from "./patches.ts";
import { type World, worlds } from "./world.ts";

interface Options {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}
type Wait = (this: unknown, ms?: unknown, value?: unknown, options?: Options) => Promise<unknown>;
type WaitNow = (this: unknown, value?: unknown, options?: Options) => Promise<unknown>;
type Repeat = (this: unknown, ms?: unknown, value?: unknown, options?: Options) => AsyncIterator<unknown>;

/** patchTimersPromises is patchTimers for node:timers/promises. */
export function patchTimersPromises(patches: Patches): void {
  patches.replace(timersPromises, "setTimeout", (real: Wait): Wait => {
    return function (ms, value, options) {
      const world = worldFor(options);
      if (world === undefined) return real.call(this, ms, value, options);
      return wait((fire) => new Timeout(world, fire, ms, false, []), value, options);
    };
  });
  patches.replace(timersPromises, "setImmediate", (real: WaitNow): WaitNow => {
    return function (value, options) {
      const world = worldFor(options);
      if (world === undefined) return real.call(this, value, options);
      return wait((fire) => new Immediate(world, fire, []), value, options);
    };
  });
  patches.replace(timersPromises, "setInterval", (real: Repeat): Repeat => {
    return function (ms, value, options) {
      const world = worldFor(options);
      return world === undefined ? real.call(this, ms, value, options) : repeat(world, ms, value, options);
    };
  });
  const scheduler = Object.getPrototypeOf(timersPromises.scheduler) as object;
  patches.replace(scheduler, "wait", (real: (this: unknown, ms: unknown, options?: Options) => Promise<unknown>) => {
    return function (ms, options) {
      const world = worldFor(options);
      if (world === undefined) return real.call(this, ms, options);
      return wait((fire) => new Timeout(world, fire, ms, false, []), undefined, options);
    };
  });
  patches.replace(scheduler, "yield", (real: (this: unknown) => Promise<unknown>) => {
    return function () {
      const world = worlds.getStore();
      return world === undefined
        ? real.call(this)
        : wait((fire) => new Immediate(world, fire, []), undefined, undefined);
    };
  });
}

// Options that Node refuses go to the real function, which does.
function worldFor(options: Options = {}): World | undefined {
  if (typeof options !== "object" || options === null) return undefined;
  const { signal, ref = true } = options;
  const good = typeof ref === "boolean" && (signal === undefined || signal instanceof AbortSignal);
  return good ? worlds.getStore() : undefined;
}

function wait(
  set: (fire: () => void) => Timeout | Immediate,
  value: unknown,
  { signal, ref = true }: Options = {},
): Promise<unknown> {
  if (signal?.aborted === true) return Promise.reject(new AbortError(signal));
  return new Promise((resolve, reject) => {
    const timer = set(() => {
      signal?.removeEventListener("abort", abort);
      resolve(value);
    });
    if (!ref) timer.unref();
    const abort = (): void => {
      timer[Symbol.dispose]();
      reject(new AbortError(signal!));
    };
    signal?.addEventListener("abort", abort, { once: true });
  });
}

async function* repeat(
  world: World,
  ms: unknown,
  value: unknown,
  { signal, ref = true }: Options = {},
): AsyncGenerator {
  const aborted = (): boolean => signal?.aborted === true;
  if (aborted()) throw new AbortError(signal!);
  let due = 0;
  let wake = (): void => {};
  const timer = new Timeout(world, () => (due++, wake()), ms, true, []);
  if (!ref) timer.unref();
  const abort = (): void => wake();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      if (due === 0 && !aborted()) await new Promise<void>((resolve) => (wake = resolve));
      if (aborted()) throw new AbortError(signal!);
      for (; due > 0; due--) yield value;
    }
  } finally {
    timer.close();
    signal?.removeEventListener("abort", abort);
  }
}

/** AbortError is as Node's own, which it keeps to itself. */
class AbortError extends Error {
  readonly code = "ABORT_ERR";
  override readonly name = "AbortError";

  constructor(signal: AbortSignal) {
    super("The operation was aborted", { cause: signal.reason });
  }
}
