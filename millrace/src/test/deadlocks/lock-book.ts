import type { Parked } from "../../runtime/parked.ts";
import type { Stack } from "../leaks/stack.ts";
import type { DeadlockError } from "./deadlock-error.ts";
import {
  type Book,
  type Flow,
  type Holding,
  type Waiting,
  hold,
  holdersOf,
  holdingOf,
  listOf,
  openOf,
} from "./holding.ts";
import { LockOrder } from "./lock-order.ts";
import * as say from "./say.ts";

/** Place is where a book is kept: a world, or a test outside of worlds. */
export interface Place {
  /** flow is the code that runs; null if that is not known. */
  flow(): Flow | null;
  /** by is who runs, to a reader. */
  by(): string;
  stack(): Stack | null;
  /** ordered says whether the program itself has one come after the other. */
  ordered(one: Flow, other: Flow): boolean;
  /** found is told of a deadlock; `now` says that somebody waits for ever. It may throw, which fails the wait. */
  found(err: DeadlockError, now: boolean): void;
}

const MANY = 1024;
// Whoever gives a lock back hands it to a waiter that may be of another book.
const parkedIn = new WeakMap<object, LockBook>();

/** bookOf is where a wait for a lock is known. */
export function bookOf(waiter: object): LockBook | undefined {
  return parkedIn.get(waiter);
}

/** LockBook knows the locks that are held and waited for in one place, and finds deadlocks. */
export class LockBook implements Book {
  /** strict says whether a wait is reported as it begins; else only the order of locks is. */
  strict = 0;
  readonly order: LockOrder = new LockOrder();
  /** held is what was taken here and not given back. */
  readonly held: Set<Holding> = new Set();
  readonly #place: Place;
  readonly #waits = new Map<object, Waiting>();

  constructor(place: Place) {
    this.#place = place;
  }

  parked(lock: object, waiter: Parked, shared: boolean): void {
    const { flow, by, stack } = this.#here();
    const waiting = { lock, waiter, shared, flow, held: openOf(flow?.held ?? null), by, stack };
    const found = this.strict > 0 ? this.#deadlock(waiting) : undefined;
    if (found !== undefined) this.#place.found(found, true);
    this.#ordered(waiting);
    // Those whose context has ended are not told.
    if (this.#waits.size % MANY === MANY - 1) this.waits();
    this.#waits.set(waiter, waiting);
    parkedIn.set(waiter, this);
  }

  taken(lock: object, guard: object, waiter: object | null): void {
    // None at all is never given back.
    if ("tokens" in guard && guard.tokens === 0) return;
    const waiting = waiter === null ? undefined : this.#waits.get(waiter);
    if (waiter !== null) this.#waits.delete(waiter);
    // A Cond gives its lock back and takes it again with the same guard.
    hold(lock, guard, () => {
      const { by, stack, flow } = waiting ?? this.#here();
      const holding = { lock, guard, book: this, by, stack, open: true, awaited: false };
      flow?.loose?.add(holding);
      return holding;
    });
  }

  /** receive says that a flow has been handed a guard that another flow's code has waited for. */
  receive(flow: Flow, guard: unknown): void {
    const holding = holdingOf(guard);
    if (holding === undefined || !holding.open) return;
    const { lock, by, stack } = holding;
    holding.awaited = true;
    const shared = "writes" in holding.guard && holding.guard.writes === false;
    flow.held = openOf(flow.held);
    this.#ordered({ lock, shared, flow, held: flow.held, by, stack });
    flow.held = { holding, next: flow.held };
  }

  /** waits lists who waits for a lock now. */
  waits(): Waiting[] {
    for (const [key, { waiter }] of this.#waits) if (waiter.queue === null) this.#waits.delete(key);
    return [...this.#waits.values()];
  }

  #here(): { readonly flow: Flow | null; readonly by: string; readonly stack: Stack | null } {
    return { flow: this.#place.flow(), by: this.#place.by(), stack: this.#place.stack() };
  }

  #ordered(request: Omit<Waiting, "waiter">): void {
    const pair = this.order.add(request, (one, other) => this.#place.ordered(one, other));
    if (pair !== undefined) this.#place.found(say.bothWays(pair), false);
  }

  #deadlock(waiting: Waiting): DeadlockError | undefined {
    const own = listOf(waiting.held).find((holding) => holding.lock === waiting.lock);
    return own === undefined ? this.#cycle(waiting) : say.again(waiting, own);
  }

  /** cycle follows a wait to who holds the lock, to what that one waits for, and so on, back to where it began. */
  #cycle(first: Waiting): DeadlockError | undefined {
    const waits = this.waits();
    const holds = ({ flow, held }: Waiting, holding: Holding): boolean =>
      listOf(held).includes(holding) || (flow?.loose?.has(holding) === true && holding.open);
    const follow = (path: readonly Waiting[]): Waiting[] | undefined => {
      const last = path.at(-1)!;
      let found: Waiting[] | undefined;
      for (const holding of holdersOf(last.lock)) {
        if (path.length > 1 && holds(first, holding)) {
          found = [...path];
        } else {
          const next = waits.find((each) => !path.includes(each) && each.flow !== last.flow && holds(each, holding));
          found = next && follow([...path, next]);
        }
        // Of tokens any holder can give some back, of a lock with readers all have to.
        if ((found === undefined) === "size" in last.lock) return found;
      }
      return found;
    };
    const path = follow([first]);
    return path && say.cycle(path);
  }
}
