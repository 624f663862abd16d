import { Failure } from "millrace/errors";
import type { Money } from "./money.ts";

/** Account holds money of one currency; its balance is never negative. */
export interface Account {
  readonly id: string;
  readonly ownerId: string;
  readonly balance: Money;
}

export function accountNotFound(id: string): Failure {
  return new Failure(`account ${id}: not found`, {
    code: "not_found",
    reason: "account/not_found",
    detail: `no such account: ${id}`,
  });
}
