import { type Stack, madeAt } from "../leaks/stack.ts";
import { DeadlockError } from "./deadlock-error.ts";
import { type Book, type Holding, type Waiting, holdersOf, listOf } from "./holding.ts";
import type { Order } from "./lock-order.ts";

/** Names tells the locks of one message apart: "Mutex 1", and at its end where that was made. */
class Names {
  readonly #locks: object[] = [];

  of(lock: object): string {
    if (!this.#locks.includes(lock)) this.#locks.push(lock);
    return `${lock.constructor.name} ${this.#locks.indexOf(lock) + 1}`;
  }

  made(): string {
    const known = this.#locks.filter((lock) => madeAt(lock) !== "");
    return known.map((lock) => `\n  ${this.of(lock)} was${madeAt(lock)}`).join("");
  }
}

/** again says that a task waits for what it holds itself. */
export function again({ lock, by, stack }: Waiting, own: Holding): DeadlockError {
  const names = new Names();
  const name = names.of(lock);
  const places = `\n  ${name} was taken${at(own.stack)}\n  and is asked for again${at(stack)}${names.made()}\n`;
  if ("size" in lock && lock.size !== 1) {
    const what = `${by} holds tokens of ${name} and waits for more of them, as do all others in time`;
    const advice = "Take all that is needed at once, or use a second limiter inside.";
    return new DeadlockError("nested", `${what}${places}${advice}`);
  }
  const advice = `A ${lock.constructor.name} is not re-entrant: have the inner function expect that it is held.`;
  return new DeadlockError("self", `${by} waits for ${name}, which it holds itself${places}${advice}`);
}

/** cycle says who waits for whom. */
export function cycle(path: readonly Waiting[]): DeadlockError {
  const names = new Names();
  const lines = path.map(({ lock, by, stack }) => {
    const [holding] = holdersOf(lock);
    const holder = holding === undefined ? "" : `\n    which ${holding.by} has taken${at(holding.stack)}`;
    return `\n  ${by} waits for ${names.of(lock)}${at(stack)}${holder}`;
  });
  const what = `each waits for what the next one holds${lines.join("")}${names.made()}`;
  return new DeadlockError("cycle", `${what}\n${SAME_ORDER}`);
}

/** bothWays says in which orders locks are taken. */
export function bothWays(circle: readonly Order[]): DeadlockError {
  const names = new Names();
  const lines = circle.map(({ first, second }) => {
    const wanted = `\n  ${second.by} takes ${names.of(second.lock)}${at(second.stack)}`;
    return `${wanted}\n    while it holds ${names.of(first.lock)}, taken${at(first.stack)}`;
  });
  const what = "locks are taken in opposite orders, so those who take them can come to wait for each other";
  return new DeadlockError("order", `${what}${lines.join("")}${names.made()}\n${SAME_ORDER}`);
}

const SAME_ORDER = "Take them in the same order everywhere, or both under a third lock.";

/** lockWaits says which locks are waited for, and who holds them. */
export function lockWaits(locks: Book & { waits(): readonly Waiting[] }): string {
  const names = new Names();
  const lines = locks.waits().map(({ lock, by, stack, held }) => {
    const holders = [...locks.held].filter((holding) => holding.lock === lock);
    const own = listOf(held);
    const taken = holders.map((each) => {
      const who = own.includes(each) ? "it holds itself, taken" : `${each.by} has taken`;
      return `\n    which ${who}${at(each.stack)}`;
    });
    return `\n  ${by} waits for ${names.of(lock)}${at(stack)}${taken.join("")}`;
  });
  return lines.length === 0 ? "" : `\nlocks:${lines.join("")}${names.made()}`;
}

function at(stack: Stack | null): string {
  const frames = stack?.frames() ?? [];
  return frames.length === 0 ? "" : ` at ${frames.join("\n      from ")}`;
}
