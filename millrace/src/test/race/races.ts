import { promiseHooks } from "node:v8";
import { type Site, siteHere } from "../explore/site.ts";
import type { Segment, Step } from "../explore/step.ts";
import { Edges } from "./edges.ts";
import { type Access, KINDS, type Location, type Race } from "./location.ts";
import { type Link, Order } from "./order.ts";

/** RacesOptions say how closely races are looked for. */
export interface RacesOptions {
  readonly strict: boolean;
  /** sites says whether accesses remember their place, 5 µs for each. */
  readonly sites: boolean;
}

// What a promise comes after, once it is settled. On the promise itself: a WeakMap would cost three times as much.
const links: unique symbol = Symbol("links");
type Known = Promise<unknown> & { [links]?: Settled };

interface Settled {
  readonly by: Races;
  readonly links: readonly Link[];
}

interface Combined {
  readonly name: string;
  readonly elements: readonly unknown[];
}

// The races of the run that is being pumped.
let active: Races | undefined;

/** activeRaces is what watches the code that runs. */
export function activeRaces(): Races | undefined {
  return active;
}

// More than that nobody reads.
const MAX_FOUND = 8;

/** Races watches the tracked objects of one run, from the first of them on. */
export class Races {
  readonly edges: Edges;
  readonly #order: Order;
  readonly #options: RacesOptions;
  readonly #combined = new WeakMap<Promise<unknown>, Combined>();
  #now: Settled;
  #count = 0;
  // Reads that count unless the same segment goes on to write.
  #open: Race[] = [];
  readonly #found: Race[] = [];
  #stop: (() => void) | undefined = undefined;

  constructor(segment: Segment, options: RacesOptions) {
    this.#options = options;
    this.#order = new Order(segment);
    this.edges = new Edges(this.#order, (what) => this.#did(what));
    this.#now = this.#alone();
    this.resume();
  }

  /** resume watches what runs from now on; suspend ends that, when other code may run. */
  resume(): void {
    active = this;
    this.#stop ??= promiseHooks.onSettled((promise) => this.#settled(promise)) as () => void;
  }

  suspend(): void {
    this.#stop?.();
    this.#stop = undefined;
    if (active === this) active = undefined;
  }

  /** combined is told which promises an all, allSettled or any waits for. */
  combined(promise: Promise<unknown>, name: string, elements: readonly unknown[]): void {
    this.#combined.set(promise, { name, elements });
  }

  /** linksOf is what those come after who have waited for a promise that is settled now. */
  linksOf(promise: Promise<unknown>, rejected: boolean): readonly Link[] {
    const known = (promise as Known)[links];
    // It may have been settled before anything was tracked, or in an earlier run.
    const own = known !== undefined && known.by === this ? known.links : [];
    const combined = this.#combined.get(promise);
    if (combined === undefined || !isAfterAll(combined.name, rejected)) return own;
    const { elements } = combined;
    return [...own, ...elements.flatMap((one) => (one instanceof Promise ? this.linksOf(one, false) : []))];
  }

  /** begin goes on to a step. */
  begin(step: Step): void {
    this.#close();
    const moment = this.#order.begin(step.segment, step.links ?? []);
    if (this.#options.sites) moment.sync = { did: step.kind, site: step.site };
    this.#now = this.#alone();
  }

  /** meet says that everything waits, and what runs now comes after all of it. */
  meet(segment: Segment): void {
    this.#close();
    this.#order.meet(segment);
    this.#now = this.#alone();
  }

  /** end gives the gravest race of each location, the gravest of all first, when the run is over. */
  end(): readonly Race[] {
    this.#close();
    const found = this.#found.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
    return found.filter(({ location }, i) => found.findIndex((race) => race.location === location) === i);
  }

  /** read is a read of a location, which may have found nothing there. */
  read(location: Location, absent: boolean): void {
    const { now } = this.#order;
    if (active !== this || location.isKnown(now, false)) return;
    const init = location.initBefore(now);
    // Whoever comes to the same place, and could have come earlier, would have done the same.
    const place = absent || init !== undefined ? placeHere() : undefined;
    const access = this.#access(false, absent ? place : undefined);
    const race = location.read(access, this.#options.strict);
    if (race !== undefined) this.#open.push(race);
    if (init === undefined || init.read.place !== place) return;
    this.#open.push({
      kind: "double init",
      location: location.name,
      first: init.read,
      access: init.write,
      remote: access,
    });
  }

  write(location: Location): void {
    const { now } = this.#order;
    if (active !== this || location.isKnown(now, true)) return;
    const whole = location.hasRead(now);
    // It reads and writes at once: the write is what counts.
    if (whole) this.#open = this.#open.filter((race) => race.location !== location.name);
    const race = location.write(this.#access(whole), this.#options.strict);
    if (race !== undefined) this.#report(race);
  }

  #access(whole: boolean, place?: string): Access {
    const { now: moment } = this.#order;
    const { all, firm, sync } = moment;
    const site: Site | undefined = this.#options.sites ? siteHere() : undefined;
    return { moment, all, firm, at: ++this.#count, whole, place, site, sync };
  }

  #report(race: Race): void {
    if (this.#found.length === MAX_FOUND || this.#found.some((known) => isSame(known, race))) return;
    this.#found.push(race);
  }

  // Remembers what the running segment did last to be ordered with others.
  #did(what: string): void {
    if (this.#options.sites) this.#order.now.sync = { did: what, site: siteHere() };
  }

  #close(): void {
    for (const race of this.#open) this.#report(race);
    this.#open.length = 0;
  }

  #alone(): Settled {
    return { by: this, links: [{ moment: this.#order.now, firm: true }] };
  }

  #settled(promise: Promise<unknown>): void {
    const handed = this.edges.handed();
    try {
      (promise as Known)[links] = handed === undefined ? this.#now : { by: this, links: handed };
    } catch {
      // It is frozen: what it comes after is not known, as of one that was settled long ago.
    }
  }
}

function placeHere(): string | undefined {
  const site = siteHere();
  return site && `${site.file}:${site.line}:${site.column}`;
}

function isAfterAll(name: string, rejected: boolean): boolean {
  return name === "allSettled" || name === (rejected ? "any" : "all");
}

function isSame(one: Race, other: Race): boolean {
  return one.kind === other.kind && one.location === other.location;
}
