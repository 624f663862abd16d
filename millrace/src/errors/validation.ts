import { Failure } from "./failure.ts";

/** Issue is one thing that is wrong with an input. */
export interface Issue {
  /** path leads to the value, outermost key first: ["items", 0, "price"]. Empty: the input as a whole. */
  readonly path: readonly (string | number)[];
  /** message says what was expected; it is shown to the client. */
  readonly message: string;
}

/** ValidationOptions say more about a ValidationFailure. */
export interface ValidationOptions {
  /** reason is the finer kind. @default "validation" */
  readonly reason?: string;
  /** detail may be shown to the client. @default the message */
  readonly detail?: string | undefined;
  readonly cause?: unknown;
}

/** ValidationFailure carries everything that is wrong with an input at once; its code is "invalid_argument". */
export class ValidationFailure extends Failure {
  readonly issues: readonly Issue[];

  constructor(message: string, issues: readonly Issue[], options: ValidationOptions = {}) {
    super(message, {
      code: "invalid_argument",
      reason: options.reason ?? "validation",
      cause: options.cause,
      detail: options.detail ?? message,
    });
    this.issues = issues;
  }

  static {
    this.prototype.name = "ValidationFailure";
  }
}
