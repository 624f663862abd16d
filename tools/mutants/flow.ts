import { type Mutant, mutantsOf } from "./mutant.ts";

const TESTS = ["flow/*.test.ts"];

/** flow: how many at a time, in which order, and what ends with what. */
export const flow: readonly Mutant[] = [
  ...mutantsOf("flow/map.ts", TESTS, [
    [
      "an ordered map gives results as they come",
      "const turns: Turns<A, B> = ordered\n",
      "const turns: Turns<A, B> = ordered && false\n",
    ],
    [
      "one more worker than asked for",
      "for (let i = 0; i < workers; i++) await",
      "for (let i = 0; i <= workers; i++) await",
    ],
    [
      "leaving early leaves the source open",
      "    } finally {\n      await reader.close();\n    }",
      "    } finally {\n    }",
    ],
    ["an ordered map has no bound", "    await this.#window.send(work, true);\n", ""],
    [
      "an ordered map gives no room back",
      "      await this.out.send(this.ctx, oldest);\n      this.#window.tryRecv();",
      "      await this.out.send(this.ctx, oldest);",
    ],
    [
      "two workers read at a time",
      "    await this.#reading.send(work, true);\n",
      "    await this.#reading.trySend(true);\n",
    ],
    ["the place to read is not given back", "      this.#reading.tryRecv();\n", ""],
    ["two workers deliver at a time", "    if (this.#delivering) return;\n", ""],
    [
      "an ordered undefined is never there",
      "while (this.#ready.has(this.#next)) {",
      "while (this.#ready.get(this.#next) !== undefined) {",
    ],
  ]),
  ...mutantsOf("flow/merge.ts", TESTS, [
    ["merge ends with its first input", "    await g.wait();\n", ""],
    ["merge leaves its sources open", "    await reader.close();\n", ""],
  ]),
  ...mutantsOf("flow/flow.ts", TESTS, [
    ["an error ends the flow in silence", "        throw err;\n", ""],
    ["an error is thrown again and again", "        this.#over = true;\n        throw err;", "        throw err;"],
    ["leaving does not cancel the work", "    ctx.cancel(LEFT);\n", ""],
    [
      "leaving does not wait for the work",
      "await (this.#work ??= this.#begin(ctx)).then(undefined, () => {});",
      "void (this.#work ??= this.#begin(ctx)).then(undefined, () => {});",
    ],
    ["a flow that ended leaves its context", "    this.#over = true;\n    ctx.cancel();\n", "    this.#over = true;\n"],
  ]),
  ...mutantsOf("flow/source.ts", TESTS, [
    [
      "what was asked for is lost with the context",
      "this.#asked ??= this.#ask(this.#iterator);",
      "this.#asked = this.#ask(this.#iterator);",
    ],
    ["a source that failed is asked to close", "      this.#over = true;\n      throw err;", "      throw err;"],
    ["an iterable that failed is asked to close", "    // Over, if it throws.\n    this.#over = true;\n", ""],
    ["an iterable that ended is asked again", "this.#over = result.done === true;", "this.#over = false;"],
    ["a source that ended is asked again", "if (result.done === true) this.#over = true;", ""],
  ]),
  ...mutantsOf("flow/tee.ts", TESTS, [
    [
      "a consumer that leaves ends the others",
      "if (this.#all.every((one) => one.ctx.err !== undefined)) {",
      "if (this.#all.some((one) => one.ctx.err !== undefined)) {",
    ],
    ["a consumer that left holds the others up", "      copy.ctx.cancel();\n", ""],
    [
      "only the first copy gets values",
      "for (const copy of this.#all) await this.#give(copy, v);",
      "await this.#give(this.#all[0]!, v);",
    ],
  ]),
  ...mutantsOf("flow/race.ts", TESTS, [
    ["the losers run on", "          running.cancel();\n", ""],
    ["the first to fail decides", "          errs[i] = err;", "          errs[i] = err;\n          running.cancel();"],
    ["the last to win decides", "return won[0] as T;", "return won.at(-1) as T;"],
  ]),
  ...mutantsOf("flow/batch.ts", TESTS, [
    ["a batch is one too long", "while (values.length < size) {", "while (values.length <= size) {"],
    ["a batch waits for ever", "withTimeout(ctx, withinMs)", "withTimeout(ctx, Infinity)"],
  ]),
  ...mutantsOf("flow/throttle.ts", TESTS, [
    ["nothing is slowed down", "if (waitMs > 0) await sleep(ctx, waitMs);", ""],
    [
      "a pause saves up more than a burst",
      "fullAt = Math.max(fullAt, performance.now()) + intervalMs;",
      "fullAt = fullAt + intervalMs;",
    ],
  ]),
  ...mutantsOf("context/or-done.ts", TESTS, [
    ["what was waited for in time stays on the context", "    unlink(waiter);\n", ""],
  ]),
];
