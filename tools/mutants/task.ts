import { type Mutant, mutantsOf } from "./mutant.ts";

const TESTS = ["task/*.test.ts"];

/** task: go, its end, and who hears of it. */
export const task: readonly Mutant[] = [
  ...mutantsOf("task/go.ts", TESTS, [
    ["a task starts inside of go", "    await Promise.resolve();\n", ""],
    ["a task's context outlives it", "    ctx.cancel();\n", ""],
    ["a task that ended is on the list", "    leave(entry);\n", ""],
    [
      "a task that throws is on the list",
      "  } finally {\n    leave(entry);\n    ctx.cancel();\n  }",
      "  } catch (err) {\n    ctx.cancel();\n    throw err;\n  }\n",
    ],
    ["leaving the block does not wait", "await this.#result;", ""],
    ["leaving the block does not cancel", "    this.cancel();\n", ""],
    ["leaving the block hides what the task threw", "if (!canceledHere || thrown !== err) throw thrown;", ""],
    ["leaving the block throws its own cancel", "if (!canceledHere || thrown !== err) throw thrown;", "throw thrown;"],
    ["leaving the block hides a cancel from elsewhere", "if (!canceledHere || thrown !== err)", "if (thrown !== err)"],
    ["cancel loses its cause", "this.#ctx.cancel(cause);", "this.#ctx.cancel();"],
    [
      "the error of a task that nobody awaits is lost",
      "    this.#ctx = ctx;\n",
      "    this.#ctx = ctx;\n    queueMicrotask(() => this.#result.catch(() => undefined));\n",
    ],
    ["a task is never called task", '(fn.name || "task")', "fn.name"],
    ["the given name is not used", "options.name ?? ", ""],
  ]),
  ...mutantsOf("task/running.ts", TESTS, [["the newest task is listed first", "    .toReversed();", "    ;"]]),
];
