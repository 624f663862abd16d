import { AsyncLocalStorage } from "node:async_hooks";
import type { VirtualTimer } from "./clock.ts";
import { type World, worlds } from "./world.ts";

/** Callback is what a timer calls, with its handle as `this`. */
export type TimerCallback = (this: unknown, ...args: readonly unknown[]) => unknown;

// Source: lib/internal/timers.js in Node.
const MAX_DELAY_MS = 2 ** 31 - 1;
// Far above the numbers of real timers, so that one is never taken for the other.
const FIRST_ID = 2 ** 40;
const byId = new WeakMap<World, Map<number, Timeout>>();

/** Handle is what both kinds of handles have. It has the bearing of Node's, and its name. */
class Handle implements Disposable {
  protected readonly world: World;
  protected readonly timer: VirtualTimer;
  protected cleared = false;

  constructor(
    world: World,
    ms: number,
    repeat: boolean,
    lane: string,
    callback: TimerCallback,
    args: readonly unknown[],
  ) {
    this.world = world;
    const inContext = AsyncLocalStorage.snapshot();
    const fire = (): void => void inContext(() => Reflect.apply(callback, this, args));
    this.timer = world.clock.set(ms, fire, { repeat, lane });
  }

  ref(): this {
    this.timer.ref = true;
    return this;
  }

  unref(): this {
    this.timer.ref = false;
    return this;
  }

  hasRef(): boolean {
    return this.timer.ref;
  }

  [Symbol.dispose](): void {
    this.cleared = true;
    this.world.clock.clear(this.timer);
  }
}

/** Timeout is the handle of setTimeout and setInterval in a world. */
export class Timeout extends Handle {
  #id: number | undefined;

  constructor(world: World, callback: TimerCallback, delay: unknown, repeat: boolean, args: readonly unknown[]) {
    const ms = delayOf(delay);
    super(world, ms, repeat, `timeout ${ms}`, callback, args);
  }

  refresh(): this {
    // One that has fired starts again, one that was cleared does not.
    if (!this.cleared) this.world.clock.refresh(this.timer);
    return this;
  }

  close(): this {
    this[Symbol.dispose]();
    return this;
  }

  [Symbol.toPrimitive](): number {
    if (this.#id === undefined) {
      const known = byId.get(this.world) ?? new Map<number, Timeout>();
      byId.set(this.world, known);
      this.#id = FIRST_ID + known.size;
      known.set(this.#id, this);
    }
    return this.#id;
  }
}

/** Immediate is the handle of setImmediate in a world. */
export class Immediate extends Handle {
  constructor(world: World, callback: TimerCallback, args: readonly unknown[]) {
    super(world, 0, false, "immediate", callback, args);
  }
}

/** timeoutOf is the virtual timer that clearTimeout was given, by its handle or by its number. */
export function timeoutOf(given: unknown): Timeout | undefined {
  if (given instanceof Timeout) return given;
  if (typeof given !== "number" && typeof given !== "string") return undefined;
  const world = worlds.getStore();
  return world && byId.get(world)?.get(Number(given));
}

// What is no number of milliseconds from 1 to 2^31 - 1 is 1.
function delayOf(given: unknown): number {
  const ms = Number(given);
  return ms >= 1 && ms <= MAX_DELAY_MS ? Math.trunc(ms) : 1;
}
