import { type Entry, KEYS, entryOf, original } from "./entry.ts";

/** fields is how an object is tracked by its fields. */
export function fields(entry: Entry, opaque: boolean): ProxyHandler<object> {
  return {
    get(target, key, receiver) {
      const isField = Object.hasOwn(target, key) || !(key in target);
      // A getter of an opaque class works on the object itself alone, and so does a method.
      const value: unknown = opaque ? Reflect.get(target, key) : Reflect.get(target, key, receiver);
      if (isField) entry.read(key, value);
      if (!opaque) return reached(entry, key, value);
      return typeof value === "function" && !isField ? onItself(value, target) : reached(entry, key, value);
    },
    set(target, key, value, receiver) {
      const isOwn = Object.hasOwn(target, key);
      const raw = original(value);
      // A setter writes what it writes.
      if (!isOwn && key in target && !isData(target, key))
        return Reflect.set(target, key, raw, opaque ? target : receiver);
      if (!isOwn) entry.write(KEYS);
      entry.write(key);
      if (Array.isArray(target) && isIndex(key) && Number(key) >= target.length) entry.write("length");
      // What inherits from the object gets a field of its own.
      return Reflect.set(target, key, raw, entryOf(receiver as object) === entry ? target : receiver);
    },
    has(target, key) {
      const has = Reflect.has(target, key);
      entry.read(key, has);
      return has;
    },
    deleteProperty(target, key) {
      entry.write(KEYS);
      entry.write(key);
      return Reflect.deleteProperty(target, key);
    },
    ownKeys(target) {
      entry.read(KEYS);
      return Reflect.ownKeys(target);
    },
    defineProperty(target, key, descriptor) {
      if (!Object.hasOwn(target, key)) entry.write(KEYS);
      entry.write(key);
      const raw = "value" in descriptor ? { ...descriptor, value: original(descriptor.value) } : descriptor;
      return Reflect.defineProperty(target, key, raw);
    },
    getOwnPropertyDescriptor(target, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
      entry.read(key, descriptor);
      return descriptor;
    },
  };
}

// A proxy must give the very value of a field that cannot change.
function reached(entry: Entry, key: PropertyKey, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const descriptor = Reflect.getOwnPropertyDescriptor(entry.target, key);
  return descriptor?.configurable === false && descriptor.writable === false ? value : entry.reach(key, value);
}

function isData(target: object, key: PropertyKey): boolean {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const descriptor = Reflect.getOwnPropertyDescriptor(at, key);
    if (descriptor !== undefined) return "value" in descriptor;
  }
  return true;
}

function isIndex(key: PropertyKey): boolean {
  return typeof key === "string" && /^\d+$/.test(key);
}

/** onItself is a function that is called on the object itself, in place of its proxy. */
export function onItself(fn: object, target: object): (...args: unknown[]) => unknown {
  return (...args) => Reflect.apply(fn as () => unknown, target, args.map(original)) as unknown;
}
