import type { CancelCtx, Ctx } from "./ctx.ts";
import { CancelNode, CtxNode, NEVER, RootNode, nodeOf } from "./node.ts";

/** background is the root context: never done, no deadline, no values. It is for main functions, scripts and tests. */
export const background: Ctx = new RootNode("background");

/** todo is background where the right context is not yet at hand: it says to the reader that this is to be done. */
export const todo: Ctx = new RootNode("todo");

/** withCancel derives a context that ends when cancel is called, when the `using` block is left, or with its parent. */
export function withCancel(parent: Ctx): CancelCtx {
  const up = nodeOf(parent);
  const node = new CancelNode(up);
  node.attach(up.core);
  return node;
}

/** DeadlineOptions says more about a deadline. */
export interface DeadlineOptions {
  /** cause becomes the `cause` of the context and of its error when the deadline passes. */
  readonly cause?: unknown;
}

/**
 * withDeadline derives a context that also ends at a time, a Date or Unix milliseconds. A deadline later than the
 * parent's changes nothing and sets no timer; one that has passed ends the context at once, with DeadlineExceeded.
 * End it with `using` or cancel(): until then its timer keeps the process alive.
 */
export function withDeadline(parent: Ctx, at: Date | number, options: DeadlineOptions = {}): CancelCtx {
  const ms = Number(at);
  if (Number.isNaN(ms)) throw new RangeError(`context: withDeadline: not a time: ${String(at)}`);
  const up = nodeOf(parent);
  const node = new CancelNode(up);
  node.attach(up.core);
  node.expireAt(ms, options.cause);
  return node;
}

/** withTimeout is withDeadline at a number of milliseconds from now; 0 or less is done at once. */
export function withTimeout(parent: Ctx, ms: number, options: DeadlineOptions = {}): CancelCtx {
  if (Number.isNaN(ms)) throw new RangeError("context: withTimeout: milliseconds must be a number, not NaN");
  const up = nodeOf(parent);
  const node = new CancelNode(up);
  node.attach(up.core);
  node.expireIn(ms, Date.now() + ms, options.cause);
  return node;
}

/**
 * withoutCancel derives a context that keeps the parent's values and never ends, for work that must be finished after
 * the request has gone: a COMMIT, a clean-up. Give it a deadline of its own.
 */
export function withoutCancel(parent: Ctx): Ctx {
  return new CtxNode(NEVER, nodeOf(parent));
}

/** timeLeftMs is how long a context has until its deadline, 0 if that has passed, Infinity if it has none. */
export function timeLeftMs(ctx: Ctx): number {
  return Math.max(0, nodeOf(ctx).core.deadlineAt - Date.now());
}
