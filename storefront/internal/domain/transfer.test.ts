import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Failure } from "millrace/errors";
import type { Account } from "./account.ts";
import { Money } from "./money.ts";
import { move } from "./transfer.ts";

const account = (id: string, balance: string, currency = "EUR"): Account => ({
  id,
  ownerId: "o",
  balance: Money.parse(balance, currency, "balance"),
});

describe("move", () => {
  const refused = [
    { name: "more than there is", to: account("b", "0"), amount: "1.01", reason: "transfer/insufficient_funds" },
    { name: "zero", to: account("b", "0"), amount: "0.00", reason: "validation" },
    { name: "too many decimals", to: account("b", "0"), amount: "0.001", reason: "validation" },
    { name: "another currency", to: account("b", "0", "USD"), amount: "0.5", reason: "transfer/currency_mismatch" },
  ];
  for (const { name, to, amount, reason } of refused) {
    it(`refuses ${name}`, () => {
      const matches = (err: unknown): boolean => err instanceof Failure && err.reason === reason;
      assert.throws(() => move(account("a", "1.00"), to, amount), matches);
    });
  }

  it("never changes the sum, and never makes a balance negative", () => {
    const euros = fc
      .integer({ min: 0, max: 1000 })
      .map((n) => `${Math.floor(n / 100)}.${String(n % 100).padStart(2, "0")}`);
    fc.assert(
      fc.property(euros, euros, euros, (a, b, amount) => {
        const [from, to] = [account("a", a), account("b", b)];
        const sum = from.balance.plus(to.balance).toString();
        try {
          const moved = move(from, to, amount);
          assert.equal(moved.from.balance.plus(moved.to.balance).toString(), sum);
          assert.ok(!moved.from.balance.toString().startsWith("-"));
        } catch (err) {
          assert.ok(err instanceof Failure);
        }
      }),
    );
  });
});
