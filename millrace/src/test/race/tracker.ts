import { collection } from "./collection.ts";
import { Entry, entryOf, original, stand } from "./entry.ts";
import { fields } from "./fields.ts";
import { Location } from "./location.ts";
import type { Races } from "./races.ts";
import { shapeOf } from "./shape.ts";

const trackers = new WeakMap<Races, Tracker>();

/** Tracker makes the proxies of one run: one for each object, however it is reached. */
export class Tracker {
  readonly races: Races;
  readonly #proxies = new WeakMap<object, object>();

  private constructor(races: Races) {
    this.races = races;
  }

  static of(races: Races): Tracker {
    let tracker = trackers.get(races);
    if (tracker === undefined) trackers.set(races, (tracker = new Tracker(races)));
    return tracker;
  }

  track(object: object, name: string, group?: Location): object {
    const target = original(object) as object;
    let proxy = this.#proxies.get(target);
    if (proxy === undefined) {
      const entry = new Entry(this, target, name, group);
      const { kind } = shapeOf(target);
      proxy = new Proxy(
        target,
        kind === "map" || kind === "set" ? collection(entry) : fields(entry, kind === "opaque"),
      );
      this.#proxies.set(target, proxy);
      stand(proxy, entry);
    }
    return proxy;
  }

  group(name: string, objects: readonly object[]): void {
    const location = new Location(name);
    for (const object of objects) {
      const entry = entryOf(object);
      if (entry?.tracker !== this) throw new TypeError(`test: atomicGroup: ${name}: an object is not tracked`);
      entry.group = location;
    }
  }
}
