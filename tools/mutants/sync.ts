import { type Mutant, mutantsOf } from "./mutant.ts";

const TESTS = ["sync/*.test.ts"];

const RUN = "await (rt === null ? fn(ctx) : within(rt, guard, fn, ctx));";
const FINALLY = `try {\n      return ${RUN}\n    } finally {\n      guard[Symbol.dispose]();\n    }`;
const NO_FINALLY = `const result = ${RUN}\n    guard[Symbol.dispose]();\n    return result;`;

/** sync: who holds what, who is next, and what a cancel gives back. */
export const sync: readonly Mutant[] = [
  ...mutantsOf("sync/mutex.ts", TESTS, [
    [
      "a guard releases whoever holds the lock",
      "if (guard.turn === this.#turn) this.#release(guard);",
      "this.#release(guard);",
    ],
    ["after unlock the guard still releases", "    this.#turn++;\n", ""],
    [
      "a release forgets who waits",
      "    if (waiter === null) {\n      this.#locked = false;",
      "    if (waiter !== undefined) {\n      this.#locked = false;",
    ],
    [
      "a done context gets a free lock",
      "if (node.core.ended !== null) return Promise.reject(node.core.ended.error());\n    if (!this.#locked)",
      "if (!this.#locked)",
    ],
    ["unlocking a free mutex is fine", "if (!this.#locked) throw misuse(", "if (!this.#locked) return void misuse("],
    ["a waiting lock ignores its context", "    park(node, waiter);\n", ""],
    [
      "tryLock takes a lock that is held",
      "return this.#locked ? undefined : this.#take(null);",
      "return this.#take(null);",
    ],
    ["withLock keeps the lock after a throw", FINALLY, NO_FINALLY],
    ["withLock releases before the function has ended", `return ${RUN}`, "return fn(ctx);"],
  ]),
  ...mutantsOf("sync/rw-mutex.ts", TESTS, [
    [
      "a waiting writer does not hold readers back",
      "return this.#writing || !this.#waitingWriters.empty ? undefined : this.#read(null);",
      "return this.#writing ? undefined : this.#read(null);",
    ],
    [
      "a reader enters beside a writer",
      "return this.#writing || !this.#waitingWriters.empty ? undefined : this.#read(null);",
      "return !this.#waitingWriters.empty ? undefined : this.#read(null);",
    ],
    [
      "a writer enters beside readers",
      "return this.#writing || this.#readers > 0 ? undefined : this.#write(null);",
      "return this.#writing ? undefined : this.#write(null);",
    ],
    [
      "a waiting writer enters beside readers",
      "    if (this.#readers > 0) return;\n    this.#waitingWriters.shift();",
      "    this.#waitingWriters.shift();",
    ],
    ["after a writer the next writer goes first", "    if (writer) this.#admitReaders();\n", ""],
    [
      "after a writer one reader enters",
      "waiter !== null; waiter = this.#waitingReaders.first()",
      "waiter !== null; waiter = null",
    ],
    ["a guard releases whoever holds the lock", "if (guard.turn !== this.#turn) return;", ""],
    ["a guard releases twice", "return;\n    guard.turn = -1;\n", "return;\n"],
    [
      "the first reader that leaves ends the turn of all",
      "    if (this.#readers > 0) return;\n    this.#turn++;",
      "    this.#turn++;",
    ],
    [
      "runlock without a reader is fine",
      "if (this.#readers === this.#claims.count)\n      throw misuse(",
      "if (this.#readers === this.#claims.count)\n      return void misuse(",
    ],
    [
      "where a test watches, runlock takes the share of a guard",
      "if (this.#readers === this.#claims.count)",
      "if (this.#readers === 0)",
    ],
    [
      "where a test watches, a reader's guard takes the share of another",
      "if (guard.turn === this.#turn && this.#readers > this.#claims.count) return 1;",
      "if (guard.turn === this.#turn) return 1;",
    ],
    ["unlock without a writer is fine", "if (!this.#writing) throw misuse(", "if (!this.#writing) return void misuse("],
    [
      "the last reader wakes no writer",
      "    if (writer) this.#admitReaders();\n    this.admit();",
      "    if (!writer) return;\n    this.#admitReaders();\n    this.admit();",
    ],
  ]),
  ...mutantsOf("sync/semaphore.ts", TESTS, [
    [
      "a small try overtakes a large request",
      "return n <= this.size - this.#held && this.#waiters.empty ?",
      "return n <= this.size - this.#held ?",
    ],
    [
      "a small request overtakes a large one",
      "if (n <= this.size - this.#held && this.#waiters.empty) return",
      "if (n <= this.size - this.#held) return",
    ],
    ["more can be released than is held", "if (n > held) throw", "if (n > this.size) throw"],
    [
      "where a test watches, a release takes what a guard holds",
      "const held = this.#held - this.#claims.count;",
      "const held = this.#held;",
    ],
    [
      "where a test watches, a guard takes what others hold",
      "Math.min(guard.tokens, this.#held - this.#claims.count)",
      "guard.tokens",
    ],
    [
      "asking for more than there is blocks the others",
      "if (n <= this.size) this.#waiters.push(waiter);",
      "this.#waiters.push(waiter);",
    ],
    [
      "a release serves one waiter",
      "waiter !== null; waiter = this.#waiters.first()",
      "waiter !== null; waiter = null",
    ],
    ["a release serves those for whom there is not enough", "if (n > this.size - this.#held) return;", ""],
    ["a release wakes nobody", "if (!this.#waiters.empty) this.admit();", ""],
    ["a guard gives back twice", "    guard.tokens = 0;\n", ""],
    [
      "a guard of an earlier turn gives back",
      "guard.turn === this.#turn ? Math.min(guard.tokens, this.#held) : 0",
      "Math.min(guard.tokens, this.#held)",
    ],
    [
      "a done context gets free tokens",
      "if (node.core.ended !== null) return Promise.reject(node.core.ended.error());\n    if (!isCount(n))",
      "if (!isCount(n))",
    ],
    ["a waiting acquire ignores its context", "    park(node, waiter);\n", ""],
    ["withTokens keeps them after a throw", FINALLY, NO_FINALLY],
  ]),
  ...mutantsOf("sync/claims.ts", TESTS, [
    ["a using claims nothing", "if (claimed === undefined) this.count += claimed = share();", ""],
    ["each look claims again", "if (claimed === undefined) this.count", "this.count"],
    ["what was given up is still claimed", "    this.count -= claimed ?? 0;\n", ""],
    ["what was claimed is given up twice", "    claimed = 0;\n", ""],
  ]),
  ...mutantsOf("sync/cond.ts", TESTS, [
    ["signal wakes all", "    this.#lock.regain(waiter);", "    this.#lock.regain(waiter);\n    this.signal();"],
    ["broadcast wakes one", "while (!this.#waiters.empty) this.signal();", "this.signal();"],
    ["wait keeps the lock", "waiter.value = this.#lock.suspend(guard);", "waiter.value = guard;"],
    ["a cancelled wait returns without the lock", "    this.#lock.regain(this);", "    this.reject?.(host.err);"],
    ["a cancelled wait is no error", "if (waiter.err !== undefined) throw waiter.err;", ""],
    ["a wait ignores its context", "    park(node, waiter);\n", ""],
  ]),
  ...mutantsOf("sync/guarded.ts", TESTS, [
    [
      "a released guard reaches the value",
      "if (this.#cell.mutex.holds(this.inner)) return this.#cell;",
      "return this.#cell;",
    ],
  ]),
  ...mutantsOf("sync/once.ts", TESTS, [
    ["a run that failed is run again", "failed && this.#retryOnError ? null : DONE", "failed ? null : DONE"],
    ["retryOnError is ignored", "failed && this.#retryOnError ? null : DONE", "DONE"],
    ["callers during the run start another", "    this.#run = promise;\n", ""],
    [
      "onceValue tries again after an error",
      "if (failed && retryOnError) result = null;",
      "if (failed) result = null;",
    ],
    ["onceValue calls each time", "    if (result !== null) return result;\n", ""],
    ["onceValue holds its function for ever", "else call = null;", ""],
  ]),
  ...mutantsOf("sync/wait-group.ts", TESTS, [
    ["a negative count is fine", "if (count < 0) throw misuse(", "if (count < 0) return void misuse("],
    ["one waiter goes", "waiter !== null; waiter = this.#waiters.first()", "waiter !== null; waiter = null"],
    ["waiters go one too early", "if (count === 0) this.#releaseAll();", "if (count <= 1) this.#releaseAll();"],
    ["reuse is not noticed", "if (this.#returning > 0 && n > 0) {", "if (this.#returning > 1e9 && n > 0) {"],
    [
      "a function that throws is counted for ever",
      "await fn();\n    } finally {\n      leave(entry);\n      this.done();",
      "await fn();\n      this.done();\n    } finally {\n      leave(entry);",
    ],
    ["go starts inside of the call", "      await Promise.resolve();\n", ""],
    ["a wait ignores its context", "    park(node, waiter);\n", ""],
  ]),
  ...mutantsOf("sync/object-pool.ts", TESTS, [
    ["what was taken is still there", "return items.pop() as T;", "return items.at(-1) as T;"],
    ["more lies idle than maxIdle", "    if (this.idle >= this.#maxIdle) return;\n", ""],
    ["sweeps drop nothing", "    this.#old = this.#fresh;\n", "    this.#old.push(...this.#fresh);\n"],
    [
      "what is thrown in use is not put back",
      "try {\n      return await fn(item);\n    } finally {\n      this.put(item);\n    }",
      "const result = await fn(item);\n    this.put(item);\n    return result;",
    ],
    [
      "putting twice is not noticed",
      "(this.#fresh.includes(item) || this.#old.includes(item))",
      "this.#old.includes(item)",
    ],
  ]),
  ...mutantsOf("runtime/wait-queue.ts", TESTS, [
    [
      "who has been cancelled is handed the lock",
      "if (host === null || host.err === undefined) return waiter;",
      "return waiter;",
    ],
  ]),
  ...mutantsOf("runtime/parked.ts", TESTS, [
    ["who stands behind one who was cancelled is not looked at", "queue?.owner?.admit();", ""],
  ]),
];
