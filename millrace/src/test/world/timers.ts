import { AsyncLocalStorage } from "node:async_hooks";
import timers from "node:timers";
import { Immediate, type TimerCallback, Timeout, timeoutOf } from "./handle.ts";
import type { Patches } from "./patches.ts";
import { worlds } from "./world.ts";

type Set = (this: unknown, callback: TimerCallback, ms?: unknown, ...args: unknown[]) => unknown;
type SetNow = (this: unknown, callback: TimerCallback, ...args: unknown[]) => unknown;
type Clear = (this: unknown, handle?: unknown) => void;

/** patchTimers has the timers of a world wait on its clock, and its microtasks run when it says so. */
export function patchTimers(patches: Patches): void {
  for (const on of [globalThis, timers]) {
    patches.replace(on, "setTimeout", (real: Set) => setter(real, false));
    patches.replace(on, "setInterval", (real: Set) => setter(real, true));
    patches.replace(on, "setImmediate", immediate);
    patches.replace(on, "clearTimeout", clearer);
    patches.replace(on, "clearInterval", clearer);
    patches.replace(on, "clearImmediate", clearerOfImmediates);
  }
  patches.replace(globalThis, "queueMicrotask", soon);
  patches.replace(process, "nextTick", tick);
  patches.replace(AbortSignal, "timeout", abortAfter);
}

// What is called wrongly goes to the real function, which throws what a caller expects.
function setter(real: Set, repeat: boolean): Set {
  return function (callback, ms, ...args) {
    const world = worlds.getStore();
    if (world === undefined || typeof callback !== "function") return real.call(this, callback, ms, ...args);
    return new Timeout(world, callback, ms, repeat, args);
  };
}

function immediate(real: SetNow): SetNow {
  return function (callback, ...args) {
    const world = worlds.getStore();
    if (world === undefined || typeof callback !== "function") return real.call(this, callback, ...args);
    return new Immediate(world, callback, args);
  };
}

function clearer(real: Clear): Clear {
  return function (handle) {
    const timeout = timeoutOf(handle);
    if (timeout === undefined) real.call(this, handle);
    else timeout[Symbol.dispose]();
  };
}

function clearerOfImmediates(real: Clear): Clear {
  return function (handle) {
    if (handle instanceof Immediate) handle[Symbol.dispose]();
    else real.call(this, handle);
  };
}

function soon(real: SetNow): SetNow {
  return function (callback, ...args) {
    const world = worlds.getStore();
    if (world === undefined || typeof callback !== "function") return real.call(this, callback, ...args);
    const inContext = AsyncLocalStorage.snapshot();
    world.soon(() => void inContext(callback, ...args));
    return undefined;
  };
}

/**
 * tick leaves ticks where they are, before everything else and in their order: Node's streams and its http rely on it, so
 * that there is nothing to choose. But what one throws is the world's: nobody else would catch it where a world has them
 * run, and Node does not expect that.
 */
function tick(real: SetNow): SetNow {
  return function (callback, ...args) {
    const world = worlds.getStore();
    if (world === undefined || typeof callback !== "function") return real.call(this, callback, ...args);
    const guarded = (): void => {
      try {
        callback(...args);
      } catch (err) {
        world.soon(() => {
          throw err;
        });
      }
    };
    return real.call(this, guarded);
  };
}

function abortAfter(real: (this: unknown, ms: number) => AbortSignal): typeof real {
  return function (ms) {
    const world = worlds.getStore();
    if (world === undefined || !Number.isInteger(ms) || ms < 0 || ms >= 2 ** 32) return real.call(this, ms);
    const controller = new AbortController();
    const abort = (): void =>
      controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    new Timeout(world, abort, ms, false, []).unref();
    return controller.signal;
  };
}
