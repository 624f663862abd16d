import type { Patches } from "./patches.ts";
import { EPOCH } from "./clock.ts";
import { type World, worlds } from "./world.ts";

interface InstantLike {
  toZonedDateTimeISO(zone: string): Record<string, () => unknown>;
}
interface TemporalLike {
  readonly Now: { timeZoneId(): string };
  readonly Instant: { fromEpochMilliseconds(ms: number): InstantLike };
}

/** patchClocks has Date, performance, process.hrtime and Temporal.Now read the clock of the world that asks. */
export function patchClocks(patches: Patches): void {
  patchDate(patches);
  // The methods stand on the prototype, so that every way to the object finds them.
  const proto = Object.getPrototypeOf(performance) as object;
  patches.replace(
    proto,
    "now",
    (real) =>
      function now(this: unknown) {
        const world = worlds.getStore();
        return world === undefined ? real.call(this) : world.clock.elapsed;
      },
  );
  patches.get(proto, "timeOrigin", (real) => {
    return function timeOrigin(this: unknown) {
      return worlds.getStore() === undefined ? real.call(this as never) : EPOCH;
    };
  });
  patchHrtime(patches);
  // Not in TypeScript's library yet, nor in Node 24.
  const { Temporal } = globalThis as { Temporal?: TemporalLike };
  if (Temporal !== undefined) patchTemporal(patches, Temporal);
}

function patchDate(patches: Patches): void {
  const Real = Date;
  // Code that kept the class before keeps these as well.
  patches.replace(Real, "now", (real) => {
    return function now() {
      const world = worlds.getStore();
      return world === undefined ? real.call(Real) : today(world);
    };
  });
  // A function and not a class, as it may be called without `new`.
  const Virtual = function Date(this: unknown, ...args: []): unknown {
    const world = args.length === 0 || new.target === undefined ? worlds.getStore() : undefined;
    if (new.target === undefined) return world === undefined ? Real() : new Real(today(world)).toString();
    if (world === undefined && new.target === Virtual) return new Real(...args);
    const given: unknown[] = world === undefined ? args : [today(world)];
    return Reflect.construct(Real, given, new.target === Virtual ? Real : new.target);
  };
  // Everything that hangs on it, the prototype too: whatever is a Date for one is for the other.
  Object.defineProperties(Virtual, Object.getOwnPropertyDescriptors(Real));
  patches.put(Real.prototype, "constructor", Virtual);
  patches.put(globalThis, "Date", Virtual);
}

function patchHrtime(patches: Patches): void {
  type Hrtime = (this: unknown, before?: [number, number]) => [number, number];
  const big = process.hrtime.bigint.bind(process.hrtime);
  const hrtime = patches.replace(process, "hrtime", (real: Hrtime) => {
    return function (this: unknown, before) {
      const world = worlds.getStore();
      if (world === undefined || (before !== undefined && !Array.isArray(before))) return real.call(this, before);
      const ns =
        nanoseconds(world) - (before === undefined ? 0n : BigInt(before[0]) * 1_000_000_000n + BigInt(before[1]));
      const seconds = ns / 1_000_000_000n;
      return [Number(seconds), Number(ns - seconds * 1_000_000_000n)];
    };
  });
  const bigint = function bigint(this: unknown): bigint {
    const world = worlds.getStore();
    return world === undefined ? big() : nanoseconds(world);
  };
  Object.defineProperty(hrtime, "bigint", { value: bigint, writable: true, configurable: true, enumerable: true });
  patches.replace(process, "uptime", (real) => {
    return function uptime(this: unknown) {
      const world = worlds.getStore();
      return world === undefined ? real.call(this) : world.clock.elapsed / 1000;
    };
  });
}

function patchTemporal(patches: Patches, { Now, Instant }: TemporalLike): void {
  const instant = (world: World): InstantLike => Instant.fromEpochMilliseconds(today(world));
  patches.replace(Now, "instant", (real: (this: unknown) => unknown) => {
    return function () {
      const world = worlds.getStore();
      return world === undefined ? real.call(this) : instant(world);
    };
  });
  const parts = ["zonedDateTimeISO", "plainDateTimeISO", "plainDateISO", "plainTimeISO"] as const;
  for (const name of parts) {
    patches.replace(Now, name, (real: (this: unknown, zone?: string) => unknown) => {
      return function (zone) {
        const world = worlds.getStore();
        if (world === undefined) return real.call(this, zone);
        const zoned = instant(world).toZonedDateTimeISO(zone ?? Now.timeZoneId());
        // plainDateISO is zonedDateTimeISO's toPlainDate.
        const part = name.slice(0, -3).replace("plain", "toPlain");
        return name === "zonedDateTimeISO" ? zoned : zoned[part]!();
      };
    });
  }
}

/** today is the time of day, as Date has it. */
function today(world: World): number {
  return Math.trunc(world.clock.now);
}

function nanoseconds(world: World): bigint {
  return BigInt(Math.round(world.clock.elapsed * 1e6));
}
