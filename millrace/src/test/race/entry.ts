import { Location } from "./location.ts";
import { isReached } from "./shape.ts";
import type { Tracker } from "./tracker.ts";

// What is behind a proxy, of whatever run.
const behind = new WeakMap<object, Entry>();

/** Entry is a tracked object: its locations by key, or one for all of them. */
export class Entry {
  readonly name: string;
  readonly target: object;
  readonly tracker: Tracker;
  readonly #locations = new Map<unknown, Location>();
  group: Location | undefined;

  constructor(tracker: Tracker, target: object, name: string, group: Location | undefined) {
    this.tracker = tracker;
    this.target = target;
    this.name = name;
    this.group = group;
  }

  /** read is a read of a key, and of what was found: nothing is what a lazy value is before it is made. */
  read(key: unknown, found?: unknown): void {
    const absent = key !== KEYS && (found === undefined || found === null || found === false);
    this.tracker.races.read(this.#at(key), absent);
  }

  write(key: unknown): void {
    this.tracker.races.write(this.#at(key));
  }

  /** reach is a value that was found under a key: tracked too, if it can be. */
  reach(key: unknown, value: unknown): unknown {
    return isReached(value) ? this.tracker.track(value, `${this.name}${step(key)}`, this.group) : value;
  }

  #at(key: unknown): Location {
    if (this.group !== undefined) return this.group;
    let location = this.#locations.get(key);
    if (location === undefined) {
      location = new Location(`${this.name}${step(key)}`, key === KEYS);
      this.#locations.set(key, location);
    }
    return location;
  }
}

/** KEYS is the location of which keys there are. */
export const KEYS: unique symbol = Symbol("keys");

/** entryOf is what is behind a proxy, undefined for what is none. */
export function entryOf(proxy: object): Entry | undefined {
  return behind.get(proxy);
}

/** stand says which proxy stands for an object. */
export function stand(proxy: object, entry: Entry): void {
  behind.set(proxy, entry);
}

/** original is what a proxy stands for, and any other value itself. */
export function original(value: unknown): unknown {
  return typeof value === "object" && value !== null ? (behind.get(value)?.target ?? value) : value;
}

function step(key: unknown): string {
  if (key === KEYS) return ".(keys)";
  if (typeof key === "string")
    return /^\d+$/.test(key) ? `[${key}]` : /^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  return typeof key === "object" || typeof key === "function" ? ".get(…)" : `[${String(key)}]`;
}
