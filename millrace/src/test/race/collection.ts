import { type Entry, KEYS, original } from "./entry.ts";
import { onItself } from "./fields.ts";

type Method = (...args: unknown[]) => unknown;

/** collection is how a Map or Set is tracked: by its keys, through its methods. */
export function collection(entry: Entry): ProxyHandler<object> {
  const { target } = entry;
  const methods = target instanceof Map ? mapMethods(entry, target) : setMethods(entry, target as Set<unknown>);
  return {
    get(_, key) {
      const method = methods[key];
      if (method !== undefined) return method;
      if (key === "size") entry.read(KEYS);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? onItself(value, target) : value;
    },
  };
}

function mapMethods(entry: Entry, map: Map<unknown, unknown>): Record<PropertyKey, Method | undefined> {
  function* entries(): Generator<[unknown, unknown]> {
    entry.read(KEYS);
    for (const [key, value] of map) {
      entry.read(key, value);
      yield [key, entry.reach(key, value)];
    }
  }
  return {
    __proto__: null as never,
    ...common(entry, map),
    get(key) {
      const raw = original(key);
      const value = map.get(raw);
      entry.read(raw, value);
      return entry.reach(raw, value);
    },
    set(key, value) {
      const raw = original(key);
      if (!map.has(raw)) entry.write(KEYS);
      entry.write(raw);
      map.set(raw, original(value));
      return entry.tracker.track(map, entry.name);
    },
    entries,
    [Symbol.iterator]: entries,
    *values() {
      for (const [, value] of entries()) yield value;
    },
    forEach(fn, self) {
      for (const [key, value] of entries())
        Reflect.apply(fn as Method, self, [value, key, entry.tracker.track(map, entry.name)]);
    },
  };
}

function setMethods(entry: Entry, set: Set<unknown>): Record<PropertyKey, Method | undefined> {
  function* values(): Generator {
    entry.read(KEYS);
    for (const value of set) yield entry.reach(value, value);
  }
  return {
    __proto__: null as never,
    ...common(entry, set),
    add(value) {
      const raw = original(value);
      if (!set.has(raw)) entry.write(KEYS);
      entry.write(raw);
      set.add(raw);
      return entry.tracker.track(set, entry.name);
    },
    values,
    keys: values,
    [Symbol.iterator]: values,
    *entries() {
      for (const value of values()) yield [value, value];
    },
    forEach(fn, self) {
      for (const value of values())
        Reflect.apply(fn as Method, self, [value, value, entry.tracker.track(set, entry.name)]);
    },
  };
}

function common(entry: Entry, all: Map<unknown, unknown> | Set<unknown>): Record<string, Method> {
  return {
    has(key) {
      const raw = original(key);
      entry.read(raw, all.has(raw));
      return all.has(raw);
    },
    delete(key) {
      const raw = original(key);
      if (all.has(raw)) entry.write(KEYS);
      entry.write(raw);
      return all.delete(raw);
    },
    clear() {
      entry.write(KEYS);
      for (const key of all.keys()) entry.write(key);
      all.clear();
    },
    *keys() {
      entry.read(KEYS);
      yield* all.keys();
    },
  };
}
