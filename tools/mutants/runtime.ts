import { type Mutant, mutantsOf } from "./mutant.ts";

const USERS = ["context/!(size).test.ts", "chan/*.test.ts"];

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
    ["who was served stays on its context", "    unlink(waiter);\n", ""],
    ["who came last is served first", "const waiter = this.#first;", "const waiter = this.#last;"],
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
    ["a cancelled wait stays in its queue", "this.queue?.remove(this);", ""],
    ["a cancelled wait is not rejected", "this.reject?.(host.err);", ""],
    [
      "a cancelled wait is rejected with an error of its own",
      "this.reject?.(host.err);",
      'this.reject?.(new Error("canceled"));',
    ],
  ]),
  ...mutantsOf("runtime/budget.ts", USERS, [
    ["no hand-off goes through the event loop", "if (--left > 0) {", "if (left > 0) {"],
    ["the hand-off through the event loop loses its value", "setImmediate(resolve, value);", "setImmediate(resolve);"],
    ["the hand-off through the event loop is lost", "setImmediate(resolve, value);", ""],
  ]),
  ...mutantsOf(
    "runtime/registry.ts",
    ["task/*.test.ts"],
    [
      ["leaving from the middle cuts the list", "else entry.before.after = entry.after;", ""],
      [
        "leaving as the newest leaves the list's head",
        "if (entry.before === null) first = entry.after;\n  else",
        "if (entry.before !== null)",
      ],
      ["entering does not link back", "if (first !== null) first.before = entry;", ""],
    ],
  ),
];
