import { Failure } from "./failure.ts";

/** Issue is one thing that is wrong with an input. */
export interface Issue {
  /** path leads to the value, outermost key first: ["items", 0, "price"]. Empty: the input as a whole. */
  readonly path: readonly (string | number)[];
  /** message says what was expected; it is shown to the client. */
  readonly message: string;
}

/** ValidationFailure carries everything that is wrong with an input at once; its code is "invalid_argument". */
export class ValidationFailure extends Failure {
  readonly issues: readonly Issue[];

  constructor(
    message: string,
    issues: readonly Issue[],
    options: { readonly reason?: string; readonly cause?: unknown } = {},
  ) {
    super(message, {
      code: "invalid_argument",
      reason: options.reason ?? "validation",
      cause: options.cause,
      detail: message,
    });
    this.issues = issues;
  }

  static {
    this.prototype.name = "ValidationFailure";
  }
}
