import type { Stack } from "../leaks/stack.ts";
import { DeadlockError } from "./deadlock-error.ts";
import { type Book, type Holding, type Waiting, holdersOf, listOf } from "./holding.ts";
import type { Order } from "./lock-order.ts";

const numbers = new WeakMap<object, WeakMap<object, number>>();
const counts = new WeakMap<object, number>();

/** nameOf is a lock's name in a book: its kind, and which of the book's it is, in the order in which they are told. */
export function nameOf(lock: object, book: object): string {
  const known = numbers.get(book) ?? new WeakMap<object, number>();
  numbers.set(book, known);
  let number = known.get(lock);
  if (number === undefined) {
    number = (counts.get(book) ?? 0) + 1;
    counts.set(book, number);
    known.set(lock, number);
  }
  return `${lock.constructor.name} ${number}`;
}

/** again says that a task waits for what it holds itself. */
export function again({ lock, by, stack }: Waiting, own: Holding): DeadlockError {
  const name = nameOf(lock, own.book);
  const places = `\n  ${name} was taken${at(own.stack)}\n  and is asked for again${at(stack)}\n`;
  if ("size" in lock && lock.size !== 1) {
    const what = `${by} holds tokens of ${name} and waits for more of them, as do all others in time`;
    return new DeadlockError(
      "nested",
      `${what}${places}Take all that is needed at once, or use a second limiter inside.`,
    );
  }
  const advice = `A ${lock.constructor.name} is not re-entrant: have the inner function expect that it is held.`;
  return new DeadlockError("self", `${by} waits for ${name}, which it holds itself${places}${advice}`);
}

/** cycle says who waits for whom. */
export function cycle(path: readonly Waiting[]): DeadlockError {
  const lines = path.map(({ lock, by, stack }) => {
    const [holding] = holdersOf(lock);
    // Somebody holds what is waited for.
    const name = nameOf(lock, holding!.book);
    return `\n  ${by} waits for ${name}${at(stack)}\n    which ${holding!.by} has taken${at(holding!.stack)}`;
  });
  return new DeadlockError("cycle", `each waits for what the next one holds${lines.join("")}\n${SAME_ORDER}`);
}

/** bothWays says in which orders locks are taken. */
export function bothWays(circle: readonly Order[]): DeadlockError {
  const lines = circle.map(({ first, second }) => {
    const [held, wanted] = [nameOf(first.lock, first.book), nameOf(second.lock, first.book)];
    return `\n  ${second.by} takes ${wanted}${at(second.stack)}\n    while it holds ${held}, taken${at(first.stack)}`;
  });
  const what = "locks are taken in opposite orders, so those who take them can come to wait for each other";
  return new DeadlockError("order", `${what}${lines.join("")}\n${SAME_ORDER}`);
}

const SAME_ORDER = "Take them in the same order everywhere, or both under a third lock.";

/** lockWaits says which locks are waited for, and who holds them. */
export function lockWaits(locks: Book & { waits(): readonly Waiting[] }): string {
  const lines = locks.waits().map(({ lock, by, stack, held }) => {
    const holders = [...locks.held].filter((holding) => holding.lock === lock);
    const own = listOf(held);
    const taken = holders.map((each) => {
      const who = own.includes(each) ? "it holds itself, taken" : `${each.by} has taken`;
      return `\n    which ${who}${at(each.stack)}`;
    });
    return `\n  ${by} waits for ${nameOf(lock, locks)}${at(stack)}${taken.join("")}`;
  });
  return lines.length === 0 ? "" : `\nlocks:${lines.join("")}`;
}

function at(stack: Stack | null): string {
  const frames = stack?.frames() ?? [];
  return frames.length === 0 ? "" : ` at ${frames.join("\n      from ")}`;
}
