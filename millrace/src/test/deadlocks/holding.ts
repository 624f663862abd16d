import type { Parked } from "../../runtime/parked.ts";
import type { Stack } from "../leaks/stack.ts";

/** Book is where what is held is noted. */
export interface Book {
  /** held is what was taken there and not given back. */
  readonly held: Set<Holding>;
}

/** Holding is a lock that was taken and not given back: also a share of one, as a reader's, or tokens. */
export interface Holding {
  readonly lock: object;
  readonly guard: object;
  readonly book: Book;
  readonly by: string;
  readonly stack: Stack | null;
  open: boolean;
  /** awaited says that it was handed to an await, as far as that is known: one of a try is not. */
  awaited: boolean;
}

/** Held is a list of what is held. */
export interface Held {
  readonly holding: Holding;
  readonly next: Held | null;
}

/** Flow is a line of code, across its awaits, as far as it is known what it holds. */
export interface Flow {
  held: Held | null;
  /** loose is what the flow's task holds, which may be for other code of that task. */
  readonly loose?: Set<Holding>;
}

/** Waiting is a wait for a lock. */
export interface Waiting {
  readonly lock: object;
  readonly waiter: Parked;
  readonly shared: boolean;
  readonly flow: Flow | null;
  readonly held: Held | null;
  readonly by: string;
  readonly stack: Stack | null;
}

// Who holds a lock, whatever the book: it may be given back by anybody.
const holdings = new WeakMap<object, Set<Holding>>();
const NOBODY: ReadonlySet<Holding> = new Set();
const byGuard = new WeakMap<object, Holding>();
/** holdingOf is what a guard stands for; a guard of a guarded value stands for that of its mutex. */
export function holdingOf(guard: unknown): Holding | undefined {
  if (typeof guard !== "object" || guard === null) return undefined;
  return (
    byGuard.get(guard) ?? ("inner" in guard && typeof guard.inner === "object" ? byGuard.get(guard.inner!) : undefined)
  );
}

/** released closes the holding of a guard, or, of a lock that was unlocked without one, the oldest. */
export function released(lock: object, guard: object | null): void {
  const all = holdings.get(lock);
  const holding = guard === null ? all?.values().next().value : byGuard.get(guard);
  if (holding === undefined) return;
  holding.open = false;
  all?.delete(holding);
  holding.book.held.delete(holding);
}

/** openOf drops from a list what was given back. */
export function openOf(held: Held | null): Held | null {
  let open = held;
  while (open !== null && !open.holding.open) open = open.next;
  return open;
}

/** listOf is a list as an array, without what was given back. */
export function listOf(held: Held | null): Holding[] {
  const list: Holding[] = [];
  for (let each = openOf(held); each !== null; each = openOf(each.next)) list.push(each.holding);
  return list;
}

/** holdersOf is who holds a lock. */
export function holdersOf(lock: object): ReadonlySet<Holding> {
  return holdings.get(lock) ?? NOBODY;
}

/** hold notes that a lock was taken; a guard that has held it before takes up what it stood for. */
export function hold(lock: object, guard: object, make: () => Holding): void {
  let holding = byGuard.get(guard);
  if (holding === undefined) byGuard.set(guard, (holding = make()));
  holding.open = true;
  holding.book.held.add(holding);
  const all = holdings.get(lock);
  if (all === undefined) holdings.set(lock, new Set([holding]));
  else all.add(holding);
}
