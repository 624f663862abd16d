import { counted } from "./counted.ts";
import { type Callback, type World, worlds } from "./world.ts";

// What the engine came with.
const proto = Promise.prototype;
const nativeThen = Reflect.get(proto, "then") as Promise<unknown>["then"];
const nativeFinally = Reflect.get(proto, "finally") as Promise<unknown>["finally"];
const nativeConstructor = Object.getOwnPropertyDescriptor(proto, "constructor")!;
const combinators = ["all", "allSettled", "any", "race"] as const;
const native = Object.fromEntries(
  [...combinators, "resolve" as const].map((name) => [name, Object.getOwnPropertyDescriptor(Promise, name)!]),
) as Record<(typeof combinators)[number] | "resolve", PropertyDescriptor>;

/**
 * Foreign is what a promise of a world gives as its constructor. The await of ECMAScript asks for the constructor first
 * (PromiseResolve, ECMA-262 27.2.4.7.1); as it is not Promise, the engine calls the promise's `then`, which is ours.
 */
const Foreign = function Foreign() {};

// While it is true the promises of a world are the engine's.
let plain = false;

/** natively runs what must not be intercepted. */
export function natively<T>(fn: () => T): T {
  const before = plain;
  plain = true;
  try {
    return fn();
  } finally {
    plain = before;
  }
}

/** thenNatively is the engine's own then. */
export function thenNatively(promise: Promise<unknown>, onResult: Callback, onError: Callback): Promise<unknown> {
  const before = plain;
  plain = true;
  // `never` is what makes callbacks of all types one type.
  const result = nativeThen.call(
    promise,
    onResult as (value: unknown) => unknown,
    onError as (err: unknown) => unknown,
  );
  plain = before;
  return result;
}

/** isPlain says whether a promise is of no subclass, so that an await of it asks for no more than its constructor. */
export function isPlain(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && Object.getPrototypeOf(value) === proto && !Object.hasOwn(value, "constructor");
}

const NATIVE = "function () { [native code] }";
// oxlint-disable-next-line typescript/unbound-method
const textOf = Function.prototype.toString;

/** isNative says whether a callback is one of the engine's own, and no code of the program. */
export function isNative(callback: Callback): callback is (value: never) => unknown {
  return typeof callback === "function" && callback.length === 1 && textOf.call(callback) === NATIVE;
}

/**
 * intercept has every await and every `then` in a world go through that world, until it is disposed; it counts. Outside
 * of worlds nothing changes but the speed: an await costs 58 ns instead of 40, and 52 ns after the last has gone, since
 * the engine does not take its shortcuts back up.
 */
export const intercept: () => Disposable = counted(() => {
  install();
  return uninstall;
});

function here(): World | undefined {
  return plain ? undefined : worlds.getStore();
}

function install(): void {
  void Object.defineProperty(proto, "constructor", {
    configurable: true,
    get(this: Promise<unknown>) {
      const world = here();
      if (world === undefined || !isPlain(this)) return Promise;
      world.awaiting(this);
      return Foreign;
    },
    set(this: object, value: unknown) {
      // As an assignment would: a data property of its own.
      Object.defineProperty(this, "constructor", { value, writable: true, configurable: true, enumerable: true });
    },
  });
  define(proto, "then", function then(this: Promise<unknown>, onResult: Callback, onError: Callback) {
    const world = here();
    return world === undefined || !(this instanceof Promise)
      ? nativeThen.call(this, onResult as () => unknown, onError as () => unknown)
      : world.react(this, onResult, onError);
  });
  define(Promise, "resolve", function resolve(this: unknown, value?: unknown) {
    // It would wrap a promise whose constructor is not Promise.
    if (this === Promise && isPlain(value)) return value;
    return natively(() => native.resolve.value.call(this, value));
  });
  define(proto, "finally", function (this: Promise<unknown>, callback: unknown) {
    if (here() === undefined || typeof callback !== "function") return nativeFinally.call(this, callback as () => void);
    // ECMA-262 27.2.5.3, whose own look at the constructor is no await.
    const run = callback as () => unknown;
    return this.then(
      async (value) => {
        await run();
        return value;
      },
      async (err) => {
        await run();
        throw err;
      },
    );
  });
  for (const name of combinators) {
    define(
      Promise,
      name,
      {
        // What a combinator does when one of its promises settles is no code of the program: nothing to schedule.
        [name](this: unknown, values: Iterable<unknown>) {
          const world = here();
          return world === undefined ? native[name].value.call(this, values) : combine(world, this, name, values);
        },
      }[name]!,
    );
  }
}

function combine(world: World, self: unknown, name: string, values: Iterable<unknown>): unknown {
  const combinator = Reflect.get(native, name) as PropertyDescriptor;
  // The iterable is the program's own code; thenables that are no promises are too, but these are called in a job.
  let list: Iterable<unknown>;
  try {
    list = [...values];
  } catch (err) {
    list = throwing(err);
  }
  return natively(() => {
    // The combinator itself would do so, and nobody could say what the result comes after.
    if (self === Promise && Array.isArray(list)) list = list.map((value) => native.resolve.value.call(Promise, value));
    const result: unknown = combinator.value.call(self, list);
    if (isPlain(result) && Array.isArray(list)) world.combined?.(result, name, list);
    return result;
  });
}

// oxlint-disable-next-line require-yield
function* throwing(err: unknown): Generator {
  throw err;
}

function define(on: object, name: string, value: (...args: never[]) => unknown): void {
  Object.defineProperty(on, name, { value, writable: true, configurable: true });
}

function uninstall(): void {
  define(proto, "then", nativeThen);
  define(proto, "finally", nativeFinally);
  void Object.defineProperty(proto, "constructor", nativeConstructor);
  for (const name of [...combinators, "resolve"] as const) Object.defineProperty(Promise, name, native[name]);
}
