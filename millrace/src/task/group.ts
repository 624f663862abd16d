import { type Chan, chan } from "../chan/index.ts";
import { type CancelCtx, type Ctx, withCancel } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import type { GoOptions } from "./go.ts";
import { rt } from "../runtime/hook.ts";
import { TaskNode, nameOf } from "./task-node.ts";

/** GroupOptions bounds a group. */
export interface GroupOptions {
  /** limit is how many tasks run at a time; 0 is none at all, less than 0 is no limit. @default -1 */
  readonly limit?: number;
  /** cancelOnError says whether the first error cancels the other tasks. @default true */
  readonly cancelOnError?: boolean;
}

/**
 * group makes a group of tasks that work on one thing. Its context is a child of ctx and ends with the first error of a
 * task, which is its cause, and when wait returns. Source: golang.org/x/sync/errgroup.
 *
 *     await using g = group(ctx, { limit: 10 });
 *     for (const url of urls) await g.go((ctx) => fetchInto(ctx, url));
 *     await g.wait();
 *
 * No task outlives the block of an `await using`. A block that is left before wait() cancels what still runs and waits
 * for it, because JavaScript does not tell a disposer whether an error is on its way; it then throws the first error
 * of a task, unless that was the cancel itself. So end the block with wait().
 */
export function group(ctx: Ctx, options: GroupOptions = {}): Group {
  return new Group(withCancel(ctx), options);
}

/** Group runs tasks and waits for all of them. What a task throws comes out of wait, and nowhere else. */
export class Group implements AsyncDisposable {
  /** ctx is the group's context, of which every task is given a child. */
  readonly ctx: Ctx;
  readonly #own: CancelCtx;
  readonly #cancelOnError: boolean;
  // One token for each running task; null without a limit.
  #slots: Chan<true> | null = null;
  // Tasks that run or wait for a slot.
  #open = 0;
  #failed = false;
  #err: unknown = undefined;
  #observed = false;
  #quiet: PromiseWithResolvers<void> | null = null;

  /** @internal use group */
  constructor(ctx: CancelCtx, { limit = -1, cancelOnError = true }: GroupOptions) {
    this.ctx = this.#own = ctx;
    this.#cancelOnError = cancelOnError;
    this.setLimit(limit);
  }

  /**
   * go starts a task, when there is a slot for it; the promise says when. If the group's context ends before that, the
   * task is not started, and this rejects as wait does: with the first error, or else with ctx.err. Without a wait the
   * task starts, as in Go, even if the context is done. First come, first served.
   */
  go(fn: (ctx: Ctx) => unknown, options?: GoOptions): Promise<void> {
    this.#open++;
    const started = this.#admit(fn, options);
    // Who does not look at this promise learns of the refusal from wait.
    started.catch(() => {});
    return started;
  }

  /** tryGo starts a task if there is a slot for it now, and says whether it did. */
  tryGo(fn: (ctx: Ctx) => unknown, options?: GoOptions): boolean {
    if (this.#slots !== null && !this.#slots.trySend(true)) return false;
    this.#open++;
    this.#start(fn, options);
    return true;
  }

  /** setLimit changes how many tasks run at a time, less than 0 for no limit; throws while there are tasks. */
  setLimit(limit: number): void {
    if (!Number.isInteger(limit)) throw new RangeError(`task: group: want a whole number as the limit, got ${limit}`);
    if (this.#open > 0) {
      throw new Failure(`task: group: the limit was changed while there were ${this.#open} tasks`, {
        code: "failed_precondition",
        reason: "task/group_active",
      });
    }
    this.#slots = limit < 0 ? null : chan<true>(limit);
  }

  /**
   * wait waits until every task has ended, also after an error, ends the group's context, and rejects with the first
   * error if there was one. It takes no context: the group's own is what ends the tasks.
   */
  async wait(): Promise<void> {
    this.#observed = true;
    await this.#join();
    this.#own.cancel(this.#err);
    if (this.#failed) throw this.#err;
  }

  /** Cancels what still runs, waits for it, and throws the first error if nobody has waited for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const canceledHere = this.#own.err === undefined;
    this.#own.cancel();
    await this.#join();
    if (!this.#failed || this.#observed) return;
    if (!canceledHere || this.#err !== this.#own.err) throw this.#err;
  }

  async #admit(fn: (ctx: Ctx) => unknown, options: GoOptions | undefined): Promise<void> {
    try {
      // A slot that is free is taken even when the context is done: the task is to see that for itself.
      if (this.#slots !== null && !this.#slots.trySend(true)) await this.#slots.send(this.ctx, true);
    } catch (err) {
      this.#fail(err);
      // Who is refused is told the first error, and so a block that is left by it need not be told again.
      this.#observed = true;
      this.#close();
      throw this.#err;
    }
    this.#start(fn, options);
  }

  #start(fn: (ctx: Ctx) => unknown, options: GoOptions | undefined): void {
    const slots = this.#slots;
    const ended = (): void => {
      slots?.tryRecv();
      this.#close();
    };
    new Member(this.ctx, options?.name ?? nameOf(fn), ended, (err) => this.#fail(err)).begin(fn);
  }

  #fail(err: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#err = err;
    if (this.#cancelOnError) this.#own.cancel(err);
  }

  #close(): void {
    if (rt !== null) rt.before(this);
    if (--this.#open > 0) return;
    if (rt !== null && this.#quiet !== null) rt.after(this, this.#quiet);
    this.#quiet?.resolve();
    this.#quiet = null;
  }

  #join(): Promise<void> {
    if (rt !== null && this.#open === 0) rt.after(this, null);
    if (this.#open === 0) return Promise.resolve();
    return (this.#quiet ??= Promise.withResolvers<void>()).promise;
  }
}

/** Member is a task of a group. */
class Member extends TaskNode {
  readonly #ended: () => void;
  readonly #fail: (err: unknown) => void;

  constructor(ctx: Ctx, name: string, ended: () => void, fail: (err: unknown) => void) {
    super(ctx, name);
    this.#ended = ended;
    this.#fail = fail;
  }

  succeeded(): void {
    this.#ended();
  }

  // The cancel goes first, so that whoever waits for this task's slot is refused and does not start.
  failed(err: unknown): void {
    this.#fail(err);
    this.#ended();
  }
}
