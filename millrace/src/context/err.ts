import { Failure } from "../errors/index.ts";

/**
 * Canceled says that a context was canceled before its deadline. Its name is "AbortError", as the web platform's, and
 * its `cause` is what was given to cancel. One object serves everyone who waits on the same cancel.
 */
export class Canceled extends Failure {
  constructor(cause?: unknown) {
    super("context canceled", { code: "canceled", reason: "context/canceled", cause });
  }

  static {
    this.prototype.name = "AbortError";
  }
}

/** DeadlineExceeded says that a context's deadline passed. Its name is "TimeoutError", as the web platform's. */
export class DeadlineExceeded extends Failure {
  constructor(cause?: unknown) {
    super("context deadline exceeded", { code: "deadline_exceeded", reason: "context/deadline_exceeded", cause });
  }

  static {
    this.prototype.name = "TimeoutError";
  }
}

/**
 * withoutStack builds an error that keeps no stack: it is shared by everyone who waits on a context, so a stack would
 * name whoever asked first, and taking it costs 1.5 µs of the 0.2 µs that a cancel takes otherwise.
 */
export function withoutStack<E extends Error>(build: () => E): E {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return build();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
