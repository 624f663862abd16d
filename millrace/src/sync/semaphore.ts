import type { Ctx } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import { rt } from "../runtime/hook.ts";
import { Parked } from "../runtime/parked.ts";
import { WaitQueue } from "../runtime/wait-queue.ts";
import { Claims } from "./claims.ts";
import { type Guard, within } from "./guard.ts";
import { misuse } from "./misuse.ts";

interface TokenGuard extends Guard {
  readonly semaphore: Semaphore;
  readonly turn: number;
  /** tokens is what it gives back, 0 once it has. */
  tokens: number;
}

/**
 * Semaphore has a number of tokens, and whoever acquires some of them may hold them across awaits. It is a limiter: with
 * n tokens, at most n tasks are between acquire and release. Whoever waits is served in the order of the calls: a large
 * request that waits is not overtaken by a small one that would fit. Source: Go's golang.org/x/sync/semaphore.
 */
export class Semaphore {
  /** size is the number of tokens in all. */
  readonly size: number;
  // While anyone waits, the tokens that are not held are fewer than what the first asks for.
  #held = 0;
  readonly #waiters: WaitQueue = new WaitQueue(this);
  // Counts how often the last token came back: a guard of an earlier turn gives back nothing.
  #turn = 0;
  readonly #claims: Claims = new Claims();

  /** Throws a RangeError unless size is an integer of 0 or more. */
  constructor(size: number) {
    if (!isCount(size)) {
      throw new RangeError(`sync: semaphore: want a size that is an integer of 0 or more, got ${size}`);
    }
    this.size = size;
    if (rt !== null) rt.made(this);
  }

  /** @internal waits is what its waiters wait for. */
  get waits(): string {
    return "for tokens of a Semaphore";
  }

  /** available is the number of tokens that nobody holds. */
  get available(): number {
    return this.size - this.#held;
  }

  /**
   * acquire takes n tokens, or waits for them; rejects with ctx.err, also if they are free, and then holds nothing.
   * More than size can never be had: such a call waits for ctx alone, and nobody waits behind it. Rejects with a
   * RangeError unless n is an integer of 0 or more; 0 waits for its turn and holds nothing.
   */
  acquire(ctx: Ctx, n: number = 1): Promise<Guard> {
    const node = nodeOf(ctx);
    if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
    if (!isCount(n)) return Promise.reject(badCount(n));
    if (n <= this.size - this.#held && this.#waiters.empty) return Promise.resolve(this.#take(n, null));
    const waiter = new Parked();
    waiter.value = n;
    const promise = waiter.promise<Guard>();
    if (rt !== null) rt.parked(this, waiter);
    if (n <= this.size) this.#waiters.push(waiter);
    park(node, waiter);
    return promise;
  }

  /** tryAcquire takes n tokens if they are free and nobody waits. */
  tryAcquire(n: number = 1): Guard | undefined {
    if (!isCount(n)) throw badCount(n);
    return n <= this.size - this.#held && this.#waiters.empty ? this.#take(n, null) : undefined;
  }

  /**
   * release gives n tokens back, whoever acquired them; whose tokens came back so must not dispose the guard as well.
   * Throws failed_precondition ("sync/released_more_than_held") if fewer are held, and gives back none; where a test
   * watches, tokens whose guard is in a `using` are not counted.
   */
  release(n: number = 1): void {
    if (!isCount(n)) throw badCount(n);
    const held = this.#held - this.#claims.count;
    if (n > held) throw misuse(`semaphore: release of ${n}, but ${held} are held`, "released_more_than_held");
    this.#giveBack(n, null);
  }

  /** withTokens runs a function while it holds n tokens, and gives them back when it has ended, in whatever way. */
  async withTokens<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>, n: number = 1): Promise<T> {
    const guard = await this.acquire(ctx, n);
    try {
      return await (rt === null ? fn(ctx) : within(rt, guard, fn, ctx));
    } finally {
      guard[Symbol.dispose]();
    }
  }

  /** @internal drop is the release of a guard, once. */
  drop(guard: TokenGuard): void {
    // Some of them may have come back by release.
    const tokens = guard.turn === this.#turn ? Math.min(guard.tokens, this.#held) : 0;
    guard.tokens = 0;
    if (tokens > 0) this.#giveBack(tokens, guard);
  }

  /** @internal admit hands tokens to those who wait, as far as they reach, and no farther. */
  admit(): void {
    for (let waiter = this.#waiters.first(); waiter !== null; waiter = this.#waiters.first()) {
      // What acquire parked.
      const n = waiter.value as number;
      if (n > this.size - this.#held) return;
      this.#waiters.shift();
      waiter.complete(this.#take(n, waiter));
    }
  }

  #take(n: number, waiter: Parked | null): Guard {
    this.#held += n;
    const guard: TokenGuard = { semaphore: this, turn: this.#turn, tokens: n, [Symbol.dispose]: dispose };
    if (rt !== null) {
      this.#watch(guard);
      rt.taken(this, guard, waiter);
    }
    return guard;
  }

  // The closure is made here: a function that makes one pays for it on every path.
  #watch(guard: TokenGuard): void {
    this.#claims.watch(guard, () => {
      // Not what has come back by release already.
      guard.tokens = guard.turn === this.#turn ? Math.min(guard.tokens, this.#held - this.#claims.count) : 0;
      return guard.tokens;
    });
  }

  #giveBack(n: number, guard: Guard | null): void {
    this.#held -= n;
    if (rt !== null) rt.released(this, guard);
    if (this.#held === 0) this.#turn++;
    if (!this.#waiters.empty) this.admit();
  }
}

// The function of all guards.
function dispose(this: TokenGuard): void {
  this.semaphore.drop(this);
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function badCount(n: number): RangeError {
  return new RangeError(`sync: semaphore: want a number of tokens that is an integer of 0 or more, got ${n}`);
}
