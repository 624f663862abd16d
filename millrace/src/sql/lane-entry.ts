import type { CancelNode, CtxNode } from "../context/node.ts";
import { wrap } from "../errors/index.ts";
import { Waiter, unlink } from "../runtime/waiter.ts";
import type { Acquire } from "./acquire.ts";
import type { LaneStatement, Result } from "./driver.ts";
import { label } from "./label.ts";
import type { LaneText } from "./lane-text.ts";

/** Carrier is where an entry is: the lane that it was given to. @internal */
export interface Carrier {
  /** leave is called when the caller of an entry has gone. */
  leave(entry: LaneEntry): void;
  /** settled is called when an entry is over, before its caller hears of it; true: it is not, and runs elsewhere. */
  settled(entry: LaneEntry, err: unknown): boolean;
}

/** LaneEntry is one call's statement on its way through the lanes, and its caller's wait. @internal */
export class LaneEntry extends Waiter implements LaneStatement {
  readonly node: CtxNode;
  readonly text: string;
  readonly args: readonly unknown[];
  readonly about: LaneText;
  readonly resolve: (result: Result | PromiseLike<Result>) => void;
  readonly reject: (err: unknown) => void;
  carrier: Carrier | null = null;
  /** waiter is its place in the queue for a connection, while no lane has room. */
  waiter: Acquire | null = null;
  /** written says that the server may have it. */
  written = false;
  /** left says that its caller has gone. */
  left = false;

  constructor(
    node: CtxNode,
    text: string,
    args: readonly unknown[],
    about: LaneText,
    resolve: (result: Result | PromiseLike<Result>) => void,
    reject: (err: unknown) => void,
  ) {
    super();
    this.node = node;
    this.text = text;
    this.args = args;
    this.about = about;
    this.resolve = resolve;
    this.reject = reject;
  }

  wake(host: CancelNode): void {
    this.left = true;
    this.reject(wrap(host.err, `sql: ${label(this.text)}`));
    this.carrier?.leave(this);
  }

  done(result: Result, complete?: Promise<void>): void {
    this.carrier?.settled(this, undefined);
    if (complete !== undefined) {
      // The lane is rid of it; the caller may still leave.
      this.carrier = null;
      void this.#when(complete, result);
      return;
    }
    if (this.left) return;
    unlink(this);
    this.resolve(result);
  }

  async #when(complete: Promise<void>, result: Result): Promise<void> {
    try {
      await complete;
      this.resolve(result);
    } catch (err) {
      this.reject(err);
    } finally {
      unlink(this);
    }
  }

  failed(err: unknown): void {
    if (this.carrier?.settled(this, err) === true || this.left) return;
    unlink(this);
    this.resolve(toCaller(err));
  }
}

// An error is made where the server's answer arrived; this has its stack lead to the caller, at no cost when there is
// none. The second await is for the caller's promise to hang on this one, which is how the engine finds the way.
async function toCaller(failure: unknown): Promise<never> {
  await Promise.resolve();
  await Promise.resolve();
  if (failure instanceof Error) Error.captureStackTrace(failure);
  throw failure;
}
