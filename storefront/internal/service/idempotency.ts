import { createHash } from "node:crypto";
import { type Code, Failure, type Issue, ValidationFailure } from "millrace/errors";

/** Refusal is a failed outcome in a form that can be stored and given again. */
export interface Refusal {
  readonly code: Code;
  readonly reason: string;
  readonly detail: string;
  readonly issues?: readonly Issue[];
}

/** Claim is what became of the wish to use a key: it is this transaction's, or an earlier one has settled it. */
export type Claim =
  | { readonly state: "mine" }
  | { readonly state: "taken"; readonly asked: string; readonly transferId: string; readonly refusal?: undefined }
  | { readonly state: "taken"; readonly asked: string; readonly transferId?: undefined; readonly refusal: Failure };

/** fingerprint tells two requests apart: equal inputs have equal fingerprints. */
export function fingerprint(input: object): string {
  const fields = Object.entries(input).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}

// The refusals that depend on what the accounts hold. Other errors (a lost connection, a bug) are no outcome: the
// transaction rolls back, the key stays free, and the client may ask again.
const REFUSALS = new Set([
  "account/not_found",
  "transfer/currency_mismatch",
  "transfer/insufficient_funds",
  "validation",
]);

/** refusalOf is the storable form of a refusal, undefined for errors that are no outcome. */
export function refusalOf(err: unknown): Refusal | undefined {
  if (!(err instanceof Failure) || !REFUSALS.has(err.reason)) return undefined;
  const { code, reason, detail = err.message } = err;
  return err instanceof ValidationFailure ? { code, reason, detail, issues: err.issues } : { code, reason, detail };
}

/** failureOf makes a stored refusal an error again. */
export function failureOf({ code, reason, detail, issues }: Refusal): Failure {
  if (issues !== undefined) return new ValidationFailure(detail, issues);
  return new Failure(`replayed: ${detail}`, { code, reason, detail });
}

/** keyReused refuses a key that came with another input before. */
export function keyReused(): Failure {
  return new Failure("transfer: idempotency key reused", {
    code: "failed_precondition",
    reason: "idempotency/key_reused",
    detail: "this Idempotency-Key was used with another request",
  });
}
