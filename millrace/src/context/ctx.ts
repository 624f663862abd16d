import type { RecvCase } from "../runtime/arm.ts";
import type { Closed } from "../runtime/sentinel.ts";
import type { Canceled, DeadlineExceeded } from "./err.ts";
import type { CtxKey } from "./key.ts";

/**
 * Ctx carries a deadline, a cancel signal and request-scoped values down a call tree. It is the first parameter of
 * everything that waits, is never optional and is never stored in anything that outlives the call.
 *
 * A Ctx is immutable for its readers: children are derived with withCancel, withTimeout, withDeadline and withValue.
 * Only Millrace implements it. Source: Go's context package.
 */
export interface Ctx {
  /** err is undefined while the context is live, then Canceled or DeadlineExceeded, the same object for ever. */
  readonly err: Canceled | DeadlineExceeded | undefined;
  /** cause is why the context is done: what was given to cancel, else err itself; undefined while it is live. */
  readonly cause: unknown;
  /** deadline is the Unix time in milliseconds at which the context ends by itself, if it does. */
  readonly deadline: number | undefined;
  /** done is the end of the context as a case of a select, which gives `closed` then; the same object each time. */
  readonly done: RecvCase<Closed>;
  /** signal is the context as an AbortSignal, made when it is first read; its reason is err. */
  readonly signal: AbortSignal;
  /** get is the value of the nearest withValue for this key, else the key's default. */
  get<T>(key: CtxKey<T>): T;
  /** throwIfDone throws err if the context is done. */
  throwIfDone(): void;
}

/** CancelCtx is a Ctx that its owner can end; `using` ends it when the block is left. */
export interface CancelCtx extends Ctx, Disposable {
  /** cancel ends the context and all its children before it returns. The first call decides; later ones do nothing. */
  cancel(cause?: unknown): void;
}
