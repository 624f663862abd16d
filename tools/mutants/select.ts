import { type Mutant, mutantsOf } from "./mutant.ts";

const TESTS = ["chan/*.test.ts"];

/** select: which case, how often, and what becomes of the others. */
export const select: readonly Mutant[] = [
  ...mutantsOf("chan/selection.ts", TESTS, [
    ["always the first that is ready", "(++ready === 1 || randomBelow(ready) === 0)", "++ready === 1"],
    ["always the last that is ready", "(++ready === 1 || randomBelow(ready) === 0)", "++ready > 0"],
    ["of three the last has half of the chances", "randomBelow(ready) === 0", "randomBelow(2) === 0"],
    ["a null case is an error", "if (arm === undefined || arm === null) continue;", "if (arm === undefined) continue;"],
    ["the losing cases stay in their queues", "if (waiter !== except) waiter.arm?.leave(waiter);", ""],
    [
      "the last losing case stays in its queue",
      "if (waiter !== except) waiter.arm?.leave(waiter);",
      "if (waiter !== except && waiter !== this.#last) waiter.arm?.leave(waiter);",
    ],
    [
      "a select that was served stays on its context",
      "const { key } = winner;\n    unlink(this);",
      "const { key } = winner;",
    ],
    [
      "a select that failed stays on its context",
      "    unlink(this);\n    this.#leave(loser);",
      "    this.#leave(loser);",
    ],
    ["a cancelled select stays in the queues", "    this.#leave(null);\n", ""],
    ["a waiter that is used again holds a value", "      waiter.value = undefined;\n", ""],
    [
      "ctx.done goes before the context itself",
      "if (host === null || host.err === undefined) {",
      "if (host !== undefined) {",
    ],
  ]),
  ...mutantsOf("chan/select.ts", TESTS, [
    [
      "a done context takes a case that is ready",
      "if (node.core.ended !== null) return Promise.reject(node.core.ended.error());\n",
      "",
    ],
    ["a waiting select ignores its context", "  park(node, selection);\n", ""],
    ["a send on a closed channel is thrown and not rejected", "return Promise.reject(err);", "throw err;"],
    [
      "trySelect gives up though a case is ready",
      "if (choice !== null) return selection.run(choice) as Selected<M>;",
      "",
    ],
  ]),
  ...mutantsOf("chan/channel.ts", TESTS, [
    [
      "a closed channel is not ready to receive",
      "return this.#buffer.length > 0 || !this.#senders.empty || this.#closed;",
      "return this.#buffer.length > 0 || !this.#senders.empty;",
    ],
    [
      "waiting senders do not make a channel ready",
      "return this.#buffer.length > 0 || !this.#senders.empty || this.#closed;",
      "return this.#buffer.length > 0 || this.#closed;",
    ],
    [
      "a closed channel is not ready to send",
      "return this.#closed || !this.#receivers.empty ||",
      "return !this.#receivers.empty ||",
    ],
    [
      "waiting receivers do not make a channel ready",
      "return this.#closed || !this.#receivers.empty ||",
      "return this.#closed ||",
    ],
    [
      "leaving a channel's queue does nothing",
      "leave(waiter: Parked): void {\n    waiter.queue?.remove(waiter);",
      "leave(_: Parked): void {",
    ],
  ]),
  ...mutantsOf("chan/send-arm.ts", TESTS, [
    ["a waiting send case brings nothing", "    waiter.value = this.#value;\n", ""],
    ["a losing send case stays in its queue", "    waiter.queue?.remove(waiter);\n", ""],
  ]),
  ...mutantsOf("chan/from-promise.ts", TESTS, [
    [
      "a promise gives its value again and again",
      "return !this.#spent && this.#settled.outcome !== undefined;",
      "return this.#settled.outcome !== undefined;",
    ],
    ["a loser stays with the promise", "if (this.#waiters.empty) this.#settled.waiting.delete(this);", ""],
    ["every case has a reaction of its own", "if (settled === undefined) known.set(", "known.set("],
  ]),
  ...mutantsOf("chan/timer.ts", TESTS, [
    ["a timer gives its value twice", "    this.#at = Infinity;\n    return Date.now()", "    return Date.now()"],
    ["a timer that lost keeps its alarm", "if (this.#waiters.empty) this.#disarm();", ""],
    [
      "who comes last takes the value of who waits",
      "return this.#waiters.empty && performance.now() >= this.#at;",
      "return performance.now() >= this.#at;",
    ],
    ["stop always says that it came in time", "const prevented = this.#at !== Infinity;", "const prevented = true;"],
    ["reset says the contrary", "    const prevented = this.stop();", "    const prevented = !this.stop();"],
  ]),
  ...mutantsOf("chan/ticker.ts", TESTS, [
    ["ticks queue for a slow reader", "super(1);", "super(64);"],
    ["a ticker of 0 is fine", "if (!(ms > 0 && ms < Infinity))", "if (!(ms < Infinity))"],
    [
      "a ticker that was disposed ticks on",
      "[Symbol.dispose](): void {\n",
      "[Symbol.dispose](): void {\n    if (true as boolean) return;\n",
    ],
  ]),
  ...mutantsOf("context/done.ts", TESTS, [
    ["a done context is not ready as a case", "return this.#ctx.ended !== null;", "return false;"],
    ["a losing ctx.done stays on its context", "    unlink(waiter);\n", ""],
  ]),
];
