import { type Mutant, mutantsOf } from "./mutant.ts";

const TESTS = ["sync/*.test.ts"];

const FINALLY = "try {\n      return await fn(ctx);\n    } finally {\n      guard[Symbol.dispose]();\n    }";
const NO_FINALLY = "const result = await fn(ctx);\n    guard[Symbol.dispose]();\n    return result;";
const REFUSES = "if (node.core.ended !== null) return Promise.reject(node.core.ended.error());\n    ";

/** sync: who holds what, who is next, and what a cancel gives back. */
export const sync: readonly Mutant[] = [
  ...mutantsOf("sync/mutex.ts", TESTS, [
    [
      "a guard releases whoever holds the lock",
      "if (this.mutex.#holder === this) this.mutex.#release(this);",
      "if (this.mutex.#holder !== null) this.mutex.#release(this.mutex.#holder);",
    ],
    [
      "a release forgets who waits",
      "    if (waiter === null) {\n      this.#holder = null;",
      "    if (waiter !== undefined) {\n      this.#holder = null;",
    ],
    ["a done context gets a free lock", `${REFUSES}if (this.#holder === null)`, "if (this.#holder === null)"],
    [
      "unlocking a free mutex is fine",
      "if (this.#holder === null) throw misuse(",
      "if (this.#holder === null) return void misuse(",
    ],
    ["a waiting lock ignores its context", "    park(node, waiter);\n", ""],
    [
      "tryLock takes a lock that is held",
      "return this.#holder === null ? this.#take(this.#newGuard(), null) : undefined;",
      "return this.#take(this.#newGuard(), null);",
    ],
    ["withLock keeps the lock after a throw", FINALLY, NO_FINALLY],
    ["withLock releases before the function has ended", "return await fn(ctx);", "return fn(ctx);"],
  ]),
  ...mutantsOf("sync/rw-mutex.ts", TESTS, [
    [
      "a waiting writer does not hold readers back",
      "if (this.#writer !== null || !this.#waitingWriters.empty) return undefined;",
      "if (this.#writer !== null) return undefined;",
    ],
    [
      "a reader enters beside a writer",
      "if (this.#writer !== null || !this.#waitingWriters.empty) return undefined;",
      "if (!this.#waitingWriters.empty) return undefined;",
    ],
    [
      "a writer enters beside readers",
      "return this.#writer === null && this.#readers.held === 0 ?",
      "return this.#writer === null ?",
    ],
    ["a waiting writer enters beside readers", "else if (this.#readers.held === 0) {", "else {"],
    ["after a writer the next writer goes first", "    this.#admitReaders();\n    this.admit();", "    this.admit();"],
    [
      "after a writer one reader enters",
      "waiter !== null; waiter = this.#waitingReaders.first()",
      "waiter !== null; waiter = null",
    ],
    ["a cancelled writer leaves the readers behind it waiting", "if (queued) this.#lock.admit();", ""],
    [
      "a writer's guard releases whoever writes",
      "if (this.lock.#writer === this) this.lock.#release(this);",
      "if (this.lock.#writer !== null) this.lock.#release(this.lock.#writer);",
    ],
    [
      "runlock without a reader is fine",
      "if (this.#readers.held === 0) throw misuse(",
      "if (this.#readers.held === 0) return void misuse(",
    ],
    [
      "unlock without a writer is fine",
      "if (this.#writer === null) throw misuse(",
      "if (this.#writer === null) return void misuse(",
    ],
    [
      "the last reader's runlock wakes no writer",
      "this.#readers.take(1);\n    this.admit();",
      "this.#readers.take(1);",
    ],
    [
      "the last reader's guard wakes no writer",
      "this.#readers.remove(hold);\n    this.admit();",
      "this.#readers.remove(hold);",
    ],
  ]),
  ...mutantsOf("sync/semaphore.ts", TESTS, [
    ["a small request overtakes a large one", " || !this.#waiters.empty) return undefined;", ") return undefined;"],
    ["more can be released than is held", "if (n > this.#holds.held) {", "if (n > this.size) {"],
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
    ["a release serves those for whom there is not enough", "if (n > this.size - this.#holds.held) return;", ""],
    ["when the first is cancelled, who fits now waits on", "if (queued) this.#semaphore.admit();", ""],
    ["release wakes nobody", "this.#holds.take(n);\n    this.admit();", "this.#holds.take(n);"],
    ["a guard wakes nobody", "this.#holds.remove(hold);\n    this.admit();", "this.#holds.remove(hold);"],
    ["a done context gets free tokens", `${REFUSES}if (!isCount(n))`, "if (!isCount(n))"],
    ["a waiting acquire ignores its context", "    park(node, waiter);\n", ""],
    ["withTokens keeps them after a throw", FINALLY, NO_FINALLY],
  ]),
  ...mutantsOf("sync/holds.ts", TESTS, [
    ["a guard gives back twice", "if (this.tokens > 0) this.owner.drop(this);", "this.owner.drop(this);"],
    ["a guard does not know that it was released", "    hold.tokens = 0;\n", ""],
    ["leaving from the middle cuts the list to the older", "else newer.older = older;", ""],
    ["leaving from the middle cuts the list to the newer", "    if (older !== null) older.newer = newer;\n", ""],
    ["a guard gives back what release took from it", "        hold.tokens -= left;\n", ""],
  ]),
  ...mutantsOf("sync/cond.ts", TESTS, [
    [
      "signal wakes all",
      "    this.#waiters.shift();\n    this.#lock.regain(waiter);",
      "    this.#waiters.shift();\n    this.#lock.regain(waiter);\n    this.signal();",
    ],
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
];
