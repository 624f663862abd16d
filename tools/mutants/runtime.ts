import { type Mutant, mutantsOf } from "./mutant.ts";

const USERS = ["runtime/*.test.ts", "context/!(size).test.ts", "chan/*.test.ts"];

/** runtime: what waits, and how it is woken. */
export const runtime: readonly Mutant[] = [
  ...mutantsOf("runtime/waiter.ts", USERS, [
    [
      "unlinking the last waiter leaves it the last",
      "if (after === null) host.lastWaiter = before;\n  else after.before = before;",
      "if (after !== null) after.before = before;",
    ],
    [
      "unlinking the first waiter leaves it the first",
      "if (before === null) host.firstWaiter = after;\n  else before.after = after;",
      "if (before !== null) before.after = after;",
    ],
    ["a waiter that was unlinked can be unlinked again", "waiter.host = waiter.before = waiter.after = null;", ""],
    [
      "newest waiter is woken first",
      "let waiter = host.firstWaiter; waiter !== null; waiter = host.firstWaiter",
      "let waiter = host.lastWaiter; waiter !== null; waiter = host.lastWaiter",
    ],
    ["only the first waiter is woken", "waiter !== null; waiter = host.firstWaiter", "waiter !== null; waiter = null"],
    ["waiters are woken before they are off", "unlink(waiter);\n    waiter.wake(host);", "waiter.wake(host);"],
  ]),
  ...mutantsOf("runtime/wait-queue.ts", USERS, [
    [
      "who was served stays on its context",
      "    this.remove(waiter);\n    unlink(waiter);\n    return waiter;",
      "    this.remove(waiter);\n    return waiter;",
    ],
    [
      "who came last is served first",
      "const waiter = this.#first;\n    if (waiter === null) return null;\n    this.remove(waiter);",
      "const waiter = this.#last;\n    if (waiter === null) return null;\n    this.remove(waiter);",
    ],
    [
      "leaving as the first leaves the queue's head",
      "if (ahead === null) this.#first = behind;\n    else",
      "if (ahead !== null)",
    ],
    [
      "leaving as the last leaves the queue's tail",
      "if (behind === null) this.#last = ahead;\n    else",
      "if (behind !== null)",
    ],
    ["leaving from the middle cuts the queue", "else ahead.behind = behind;", "else ahead.behind = null;"],
  ]),
  ...mutantsOf("runtime/parked.ts", USERS, [
    ["a cancelled wait stays in its queue", "    queue?.remove(this);\n", ""],
    ["an error overtakes the wake-ups before it", "handOff(this.reject as Reject, err);", "this.reject?.(err);"],
    ["a cancelled wait is not rejected", "this.fail(host.err);", ""],
    [
      "a cancelled wait is rejected with an error of its own",
      "this.fail(host.err);",
      'this.fail(new Error("canceled"));',
    ],
  ]),
  ...mutantsOf("runtime/budget.ts", USERS, [
    [
      "hand-offs starve the event loop",
      "if (--left >= 0 || inTime()) settle(value);\n  else postpone(settle, value);",
      "settle(value);",
    ],
    [
      "what is ready starves the event loop",
      "return --left >= 0 || inTime() ? Promise.resolve(value) : postponed(value);",
      "return Promise.resolve(value);",
    ],
    [
      "sends with room starve the event loop",
      "return --left >= 0 || inTime() ? DONE : ready(undefined);",
      "return DONE;",
    ],
    [
      "what goes through the event loop loses its value",
      ".push(() => settle(value));",
      ".push(() => settle(undefined as T));",
    ],
    ["what goes through the event loop is lost", "(waiting ??= []).push(() => settle(value));", "waiting ??= [];"],
    [
      "what goes through the event loop is turned round",
      "for (const wake of all) wake();",
      "for (const wake of all.toReversed()) wake();",
    ],
    [
      "what goes through the event loop is overtaken",
      "    return false;\n  }\n  left",
      "    left = STEPS;\n    return false;\n  }\n  left",
    ],
  ]),
  ...mutantsOf("runtime/alarm.ts", USERS, [
    ["an alarm rings early", "first.at <= now; first = heap[0]", "first.at <= now + 15; first = heap[0]"],
    [
      "the heap is not kept: what moves up",
      "if (hole > 0 && last.at < heap[(hole - 1) >> 2]!.at) up(last, hole);\n    else down(last, hole);",
      "down(last, hole);",
    ],
    ["the heap is not kept: what moves down", "else down(last, hole);", "else up(last, hole);"],
    ["the heap is not kept: the least of four", "if (heap[child]!.at < heap[least]!.at) least = child;", ""],
    ["a timer for nobody keeps the process alive", "if (heap.length === 0) timeout?.unref();", ""],
    [
      "a timer that was left behind does not keep the process alive again",
      "if (heap.length === 0) timeout?.ref();",
      "",
    ],
    [
      "an earlier alarm waits for a later one",
      "if (alarm.at <= firesAt - 1) start(",
      "if (firesAt === Infinity) start(",
    ],
    ["an alarm can be cleared twice", "  alarm.place = -1;\n", ""],
    ["only the first alarm rings", "if (first !== undefined && firesAt === Infinity) start(first.at - now, now);", ""],
  ]),
];
