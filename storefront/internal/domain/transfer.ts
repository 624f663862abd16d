import { Failure, ValidationFailure } from "millrace/errors";
import type { Account } from "./account.ts";
import { Money } from "./money.ts";

/** Transfer is money that moved from one account to another, of the same currency. */
export interface Transfer {
  readonly id: string;
  readonly fromAccountId: string;
  readonly toAccountId: string;
  readonly amount: Money;
  readonly createdAt: Date;
}

/** Movement is what a transfer changes: the two accounts as they are afterwards. */
export interface Movement {
  readonly amount: Money;
  readonly from: Account;
  readonly to: Account;
}

/**
 * move computes a transfer between two accounts, whose rows the caller holds locked. It refuses, and then nothing
 * changes: another currency, too many decimals, an amount of zero or less, more than there is.
 */
export function move(from: Account, to: Account, amountText: string): Movement {
  if (from.balance.currency !== to.balance.currency) {
    throw new Failure("transfer: two currencies", {
      code: "failed_precondition",
      reason: "transfer/currency_mismatch",
      detail: `the accounts hold ${from.balance.currency} and ${to.balance.currency}`,
    });
  }
  const amount = Money.parse(amountText, from.balance.currency, "amount");
  if (amount.isZero) {
    const message = "must be more than zero";
    throw new ValidationFailure(`amount: ${message}`, [{ path: ["amount"], message }]);
  }
  if (from.balance.lessThan(amount)) {
    throw new Failure("transfer: insufficient funds", {
      code: "failed_precondition",
      reason: "transfer/insufficient_funds",
      detail: "the balance is less than the amount",
    });
  }
  return {
    amount,
    from: { ...from, balance: from.balance.minus(amount) },
    to: { ...to, balance: to.balance.plus(amount) },
  };
}

export function transferNotFound(id: string): Failure {
  return new Failure(`transfer ${id}: not found`, {
    code: "not_found",
    reason: "transfer/not_found",
    detail: "no such transfer",
  });
}
