import { type Flow, type Holding, type Waiting, listOf } from "./holding.ts";

/** Order is that a lock was asked for while another was held. */
export interface Order {
  readonly first: Holding;
  readonly second: Pick<Waiting, "lock" | "shared" | "by" | "stack">;
  readonly flow: Flow;
  /** gates are the other locks that were held: two orders that share one never meet. */
  readonly gates: ReadonlySet<object>;
}

// So many orders of two locks are remembered: they differ in their gates, and in what comes before what.
const MAX_ALIKE = 16;
// A circle of more locks than this is not looked for.
const MAX_LOCKS = 6;

/**
 * LockOrder is the order in which locks are taken. Two tasks that take the same locks in opposite orders may come to wait
 * for each other, and whoever has seen both orders once knows that, without the unlucky moment. It is none if the two
 * are always under a third lock, or if the program has one end before the other begins.
 * Source: lockdep of the Linux kernel; Havelund, Using Runtime Analysis to Guide Model Checking of Java Programs, 2000.
 */
export class LockOrder {
  // By the lock that was held, then by the one that was asked for.
  readonly #orders = new Map<object, Map<object, Order[]>>();

  /** add notes a request, and gives the circle that it closes, if it does. */
  add(
    request: Pick<Waiting, "lock" | "shared" | "flow" | "held" | "by" | "stack">,
    ordered: (one: Flow, other: Flow) => boolean,
  ): Order[] | undefined {
    const { lock, flow, held } = request;
    if (held === null || flow === null || !excludes(lock)) return undefined;
    const before = listOf(held).filter((each) => each.lock !== lock && excludes(each.lock));
    for (const first of before) {
      const gates = new Set(before.filter((each) => each.lock !== first.lock).map((each) => each.lock));
      const order = { first, second: request, flow, gates };
      const circle = this.#circle([order], ordered);
      if (circle !== undefined) return circle;
      this.#note(order);
    }
    return undefined;
  }

  #note(order: Order): void {
    const { lock } = order.first;
    const from = this.#orders.get(lock) ?? new Map<object, Order[]>();
    this.#orders.set(lock, from);
    const alike = from.get(order.second.lock) ?? [];
    from.set(order.second.lock, alike);
    if (alike.length < MAX_ALIKE) alike.push(order);
  }

  #circle(path: readonly Order[], ordered: (one: Flow, other: Flow) => boolean): Order[] | undefined {
    const goal = path[0]!.first.lock;
    for (const [lock, orders] of this.#orders.get(path.at(-1)!.second.lock) ?? []) {
      if (lock !== goal && (path.length + 1 >= MAX_LOCKS || path.some(({ first }) => first.lock === lock))) continue;
      for (const order of orders) {
        if (path.some((other) => !meet(order, other) || ordered(order.flow, other.flow))) continue;
        const longer = [...path, order];
        const circle = lock === goal ? longer : this.#circle(longer, ordered);
        // Readers do not keep each other out.
        if (circle !== undefined && !circle.some((each, i) => readers(circle.at(i - 1)!, each))) return circle;
      }
    }
    return undefined;
  }
}

function meet(one: Order, other: Order): boolean {
  return one.gates.isDisjointFrom(other.gates);
}

// Whether the lock that one asks for, and the other holds, is only read by the two.
function readers(one: Order, other: Order): boolean {
  const { guard } = other.first;
  return one.second.shared && "writes" in guard && guard.writes === false;
}

// Of a semaphore with several tokens there may be one left.
function excludes(lock: object): boolean {
  return !("size" in lock) || lock.size === 1;
}
