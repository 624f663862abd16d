import { type Mutant, mutantsOf } from "./mutant.ts";

// Without size.test.ts, which measures time: next to another run it may fail by itself.
const TESTS = ["context/!(size).test.ts"];

/** context: ends, deadlines, values, and what is registered for an end. */
export const context: readonly Mutant[] = [
  ...mutantsOf("context/node.ts", TESTS, [
    ["an end does not reach the children", "if (node.#firstChild === null) continue;", "continue;"],
    ["an end reaches only the first children's children", "last = node.#lastChild!;", "last = node.#firstChild;"],
    [
      "signals abort before the whole tree is done",
      "node.ended = this;",
      "node.ended = this;\n      node.#controller?.abort(this.error());",
    ],
    ["an end leaves the timer", "        node.#alarm.clear();\n", ""],
    ["a child that ended is still its parent's", "    this.#detach();\n", ""],
    ["a second cancel decides", "if (this.ended === null) this.#end(cause);", "this.#end(cause);"],
    [
      "a deadline overrides an earlier cancel",
      "if (this.ended !== null) return;\n    this.#timedOut",
      "this.#timedOut",
    ],
    ["a deadline is a cancel", "this.#timedOut = true;", ""],
    [
      "a later deadline sets a timer",
      "if (this.ended !== null || at >= this.deadlineAt) return;",
      "if (this.ended !== null) return;",
    ],
    ["a deadline is not inherited", "this.deadlineAt = parent.deadlineAt;", ""],
    ["a child of a done parent lives", "this.ended = parent.ended;\n", ""],
    ["a child of a done parent ends by itself", "this.ended = parent.ended;", "this.ended = this;"],
    [
      "undefined does not shadow a value",
      "if (node.key === key)",
      "if (node.key === key && (node as ValueNode).value !== undefined)",
    ],
    [
      "keys are compared by name",
      "if (node.key === key)",
      "if ((node.key as CtxKey<T> | undefined)?.name === key.name)",
    ],
    ["a value's context is never done", "super(parent.core, parent);", "super(NEVER, parent);"],
    ["each look at err makes a new one", "(this.#error ??= withoutStack(", "(this.#error = withoutStack("],
    ["the deadline's cause is lost", "new Deadline(this, cause)", "new Deadline(this, undefined)"],
    [
      "the signal of a done context is not aborted",
      "if (this.ended !== null) controller.abort(this.ended.error());",
      "",
    ],
    [
      "each look at signal makes a new one",
      "controller = this.#controller = new AbortController();",
      "controller = new AbortController();",
    ],
    [
      "every context has an AbortController",
      "#controller: AbortController | undefined = undefined;",
      "#controller: AbortController | undefined = new AbortController();",
    ],
    ["the signal does not abort", "node.#controller?.abort(this.error());", ""],
    ["the signal's reason is another error", "node.#controller?.abort(this.error());", "node.#controller?.abort();"],
    [
      "leaving the block does not cancel",
      "[Symbol.dispose](): void {\n    this.cancel();",
      "[Symbol.dispose](): void {",
    ],
    ["the cause of a cancel without one is undefined", "(origin.reason ?? origin.error())", "origin.reason"],
  ]),
  ...mutantsOf("context/derive.ts", TESTS, [
    [
      "withoutCancel ends with its parent",
      "new CtxNode(NEVER, nodeOf(parent))",
      "new CtxNode(nodeOf(parent).core, nodeOf(parent))",
    ],
    ["withoutCancel loses the values", "new CtxNode(NEVER, nodeOf(parent))", "new CtxNode(NEVER, null)"],
    [
      "withCancel does not end with its parent",
      "const node = new CancelNode(up);\n  node.attach(up.core);\n  return node;",
      "const node = new CancelNode(up);\n  return node;",
    ],
    [
      "NaN is a timeout",
      'if (Number.isNaN(ms)) throw new RangeError("context: withTimeout',
      'if (false) throw new RangeError("context: withTimeout',
    ],
  ]),
  ...mutantsOf("context/after-done.ts", TESTS, [
    ["the function runs inside of the cancel", "if (fn !== null) queueMicrotask(fn);", "fn?.();"],
    ["stop leaves the registration", "    unlink(this);\n", ""],
    ["stop always says that it came in time", "const prevented = this.#fn !== null;", "const prevented = true;"],
    [
      "stop prevents nothing",
      "const prevented = this.#fn !== null;\n    this.#fn = null;\n    unlink(this);",
      "const prevented = this.#fn !== null;",
    ],
    ["a context that is done calls nothing", "    waiter.wake();\n", ""],
  ]),
  ...mutantsOf("context/from-signal.ts", TESTS, [
    ["the listener stays on the signal", 'this.#signal.removeEventListener("abort", this.#abort);', ""],
    [
      "the signal's reason is lost",
      "const abort = (): void => node.cancel(signal.reason);",
      "const abort = (): void => node.cancel();",
    ],
    ["a signal that is aborted already ends nothing", "if (signal.aborted) node.cancel(signal.reason);", ""],
  ]),
  ...mutantsOf("context/sleep.ts", TESTS, [
    ["a cancelled sleep leaves its timer", "    this.#alarm.clear();\n", ""],
    ["a sleep that is over stays on its context", "    unlink(this);\n", ""],
    ["a sleep ignores its context", "  park(node, sleeper);\n", ""],
  ]),
];
