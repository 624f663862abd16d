import type { Code } from "./code.ts";

/** FailureOptions is what a Failure says beside its message. */
export interface FailureOptions {
  /** code is the canonical kind of failure. */
  readonly code: Code;
  /** reason is the finer kind, owned by the package that raises it: "sql/unique_violation". Default: the code. */
  readonly reason?: string | undefined;
  /** detail may be shown to whoever sent the request. Without it the client sees only the code's own title. */
  readonly detail?: string | undefined;
  /** cause is the error that led to this one. */
  readonly cause?: unknown;
  /** retryable says that the same call may succeed if it is made again. Default: true for "unavailable" and "aborted". */
  readonly retryable?: boolean | undefined;
}

/**
 * Failure is the base of every error that Millrace raises.
 *
 * The message reads from the outside in, "sql: get user 42: no rows", and is for operators: it goes to the log and
 * never to a client. What a client may read is `detail`.
 */
export class Failure extends Error {
  readonly code: Code;
  readonly reason: string;
  readonly detail: string | undefined;
  readonly retryable: boolean;

  constructor(message: string, options: FailureOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.reason = options.reason ?? options.code;
    this.detail = options.detail;
    this.retryable = options.retryable ?? (options.code === "unavailable" || options.code === "aborted");
  }

  static {
    // On the prototype: a field of its own would cost every construction and show in every printed error.
    this.prototype.name = "Failure";
  }
}

/** codeOf is the code of the outermost error in the cause chain that has one, "unknown" if none has. */
export function codeOf(err: unknown): Code {
  // A cause chain that loops must not hang the handler that reports it.
  for (let e = err, depth = 0; e instanceof Error && depth < 32; e = e.cause, depth++) {
    if (e instanceof Failure) return e.code;
  }
  return "unknown";
}

/** isRetryable says whether the outermost Failure in the cause chain may succeed if the call is made again. */
export function isRetryable(err: unknown): boolean {
  for (let e = err, depth = 0; e instanceof Error && depth < 32; e = e.cause, depth++) {
    if (e instanceof Failure) return e.retryable;
  }
  return false;
}
