import { type Mutant, mutantsOf } from "./mutant.ts";

const TESTS = ["task/*.test.ts"];

/** task: go and its end, groups, and calls that are shared. */
export const task: readonly Mutant[] = [
  ...mutantsOf("task/task-node.ts", TESTS, [
    ["a task starts inside of go", "void NOW.then(start.bind(this, fn));", "start.call(this, fn);"],
    [
      "a task that ended is on the list",
      "  leave(this);\n  this.cancel();\n  this.succeeded(value);",
      "  this.cancel();\n  this.succeeded(value);",
    ],
    [
      "a task that threw is on the list",
      "  leave(this);\n  this.cancel();\n  this.failed(err);",
      "  this.cancel();\n  this.failed(err);",
    ],
    ["a task's context outlives it", "  this.cancel();\n  this.succeeded(value);", "  this.succeeded(value);"],
    ["a failed task's context outlives it", "  this.cancel();\n  this.failed(err);", "  this.failed(err);"],
    ["a task does not end with its parent", "    this.attach(up.core);\n", ""],
    ["a thenable is a result", 'typeof value.then === "function"', "value === undefined"],
    ["a task is never called task", 'fn.name || "task"', "fn.name"],
  ]),
  ...mutantsOf("task/outcome.ts", TESTS, [
    [
      "the error of a task that nobody awaits is lost",
      "const rejected = Promise.reject(reason);",
      "const rejected = Promise.reject(reason);\n      rejected.catch(() => {});",
    ],
    ["who awaits early hears nothing of an error", "      reject(reason);\n", ""],
  ]),
  ...mutantsOf("task/go.ts", TESTS, [
    ["leaving the block does not wait", "await outcome.promise();", ""],
    ["leaving the block does not cancel", "    outcome.cancel();\n", ""],
    [
      "leaving the block hides what the task threw",
      "if (!awaited && (!canceledHere || thrown !== outcome.err)) throw thrown;",
      "",
    ],
    [
      "leaving the block throws its own cancel",
      "if (!awaited && (!canceledHere || thrown !== outcome.err)) throw thrown;",
      "throw thrown;",
    ],
    [
      "leaving the block hides a cancel from elsewhere",
      "if (!awaited && (!canceledHere || thrown !== outcome.err)) throw thrown;",
      "if (!awaited && thrown !== outcome.err) throw thrown;",
    ],
    ["cancel loses its cause", "this.#outcome.cancel(cause);", "this.#outcome.cancel();"],
    ["the given name is not used", "options?.name ?? nameOf(fn)", "nameOf(fn)"],
  ]),
  ...mutantsOf("runtime/registry.ts", TESTS, [
    [
      "leaving as the newest leaves the list's head",
      "if (newer === null) newest = older;\n  else newer.older",
      "if (newer !== null) newer.older",
    ],
    ["leaving from the middle cuts the list to the older", "else newer.older = older;", ""],
    ["leaving from the middle cuts the list to the newer", "  if (older !== null) older.newer = newer;\n", ""],
    ["the newest task is listed first", "return entries.toReversed();", "return entries;"],
  ]),
  ...mutantsOf("task/group.ts", TESTS, [
    ["the first error cancels nothing", "if (this.#cancelOnError) this.#own.cancel(err);", ""],
    ["cancelOnError is ignored", "if (this.#cancelOnError) this.#own.cancel(err);", "this.#own.cancel(err);"],
    ["the last error is thrown", "    if (this.#failed) return;\n    this.#failed = true;", "    this.#failed = true;"],
    [
      "wait returns at once",
      "    await this.#join();\n    this.#own.cancel(this.#err);",
      "    this.#own.cancel(this.#err);",
    ],
    ["wait does not end the group", "    this.#own.cancel(this.#err);\n", ""],
    ["setLimit is ignored", "this.#slots = limit < 0 ? null : chan<true>(limit);", ""],
    ["one more than the limit runs", "chan<true>(limit)", "chan<true>(limit + 1)"],
    ["the limit changes under running tasks", "if (this.#open > 0) {", "if (this.#open < 0) {"],
    ["a slot is not given back", "      slots?.tryRecv();\n", ""],
    [
      "tryGo starts though the group is full",
      "if (this.#slots !== null && !this.#slots.trySend(true)) return false;",
      "",
    ],
    [
      "who was refused starts",
      "      throw this.#err;\n    }\n    this.#start(fn, options);",
      "    }\n    this.#start(fn, options);",
    ],
    ["a refusal is an unhandled rejection", "    started.catch(() => {});\n", ""],
    ["wait does not know of a refusal", "      this.#fail(err);\n      // Who", "      // Who"],
    [
      "who was refused is told of it twice",
      "      this.#observed = true;\n      this.#close();",
      "      this.#close();",
    ],
    ["who was refused is not told why", "      throw this.#err;\n    }", "      throw err;\n    }"],
    [
      "a slot is free before the error cancels",
      "    this.#fail(err);\n    this.#ended();",
      "    this.#ended();\n    this.#fail(err);",
    ],
    [
      "leaving the block does not cancel",
      "    this.#own.cancel();\n    await this.#join();",
      "    await this.#join();",
    ],
    ["leaving the block does not wait", "    this.#own.cancel();\n    await this.#join();", "    this.#own.cancel();"],
    ["leaving the block hides an error", "if (!canceledHere || this.#err !== this.#own.err) throw this.#err;", ""],
    [
      "an error that wait threw is thrown again",
      "if (!this.#failed || this.#observed) return;",
      "if (!this.#failed) return;",
    ],
  ]),
  ...mutantsOf("task/single-flight.ts", TESTS, [
    ["what a call gave is kept, also an error", "    this.#free();\n    for", "    for"],
    [
      "an old call that ends takes a newer one away",
      "if (this.#calls.get(key) === call) this.#calls.delete(key);",
      "this.#calls.delete(key);",
    ],
    ["forget does nothing", "forget(key: K): void {\n    this.#calls.delete(key);", "forget(_: K): void {"],
    ["each caller makes a call", "if (call === undefined) {", "if (call !== null) {"],
    ["nobody knows that a result is shared", "tell(waiter, this.#asked > 1)", "tell(waiter, false)"],
    ["every result is shared", "tell(waiter, this.#asked > 1)", "tell(waiter, true)"],
    ["who leaves ends the call for the others", "    if (this.#waiters.size > 0) return;\n", ""],
    ["a call that nobody waits for goes on", "    this.#free();\n    this.ctx.cancel();", "    this.#free();"],
    [
      "a call that nobody waits for still has the key",
      "    this.#free();\n    this.ctx.cancel();",
      "    this.ctx.cancel();",
    ],
    ["the call ends with the first caller's context", "withCancel(withoutCancel(ctx))", "withCancel(ctx)"],
    ["a done context makes a call", "    ctx.throwIfDone();\n", ""],
    ["who got a result stays on the context", "      unlink(waiter);\n", ""],
  ]),
];
