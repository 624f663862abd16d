import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ValidationFailure } from "millrace/errors";
import { Money, isCurrency } from "./money.ts";

const cases = [
  { text: "10.5", currency: "EUR", want: "10.50" },
  { text: "0", currency: "EUR", want: "0.00" },
  { text: "1.500", currency: "EUR", want: "1.50" },
  { text: "7.0", currency: "JPY", want: "7" },
  { text: "0.125", currency: "BHD", want: "0.125" },
  { text: "999999999999999999.99", currency: "EUR", want: "999999999999999999.99" },
  { text: "1.505", currency: "EUR", refused: "must have at most 2 decimals, as EUR has" },
  { text: "1.5", currency: "JPY", refused: "must have at most 0 decimals, as JPY has" },
  { text: "-0.01", currency: "EUR", refused: "must not be negative" },
  { text: "1e3", currency: "EUR", refused: /decimal string/ },
  { text: "1,5", currency: "EUR", refused: /decimal string/ },
  { text: " 1", currency: "EUR", refused: /decimal string/ },
  { text: ".5", currency: "EUR", refused: /decimal string/ },
  { text: "NaN", currency: "EUR", refused: /decimal string/ },
  { text: "1".repeat(19), currency: "EUR", refused: /18 digits/ },
];

describe("Money.parse", () => {
  for (const { text, currency, want, refused } of cases) {
    it(`${currency} ${JSON.stringify(text)} ${want === undefined ? "is refused" : `is ${want}`}`, () => {
      if (refused === undefined) {
        assert.equal(Money.parse(text, currency, "amount").toString(), want);
        return;
      }
      assert.throws(
        () => Money.parse(text, currency, "amount"),
        (err) => {
          assert.ok(err instanceof ValidationFailure);
          assert.deepEqual(err.issues[0]?.path, ["amount"]);
          assert.match(err.issues[0]?.message ?? "", typeof refused === "string" ? new RegExp(refused) : refused);
          return true;
        },
      );
    });
  }

  it("gives back what it printed, and adds and takes away exactly", () => {
    const cents = fc.bigInt({ min: 0n, max: 10n ** 18n });
    const text = (n: bigint): string => `${n / 100n}.${String(n % 100n).padStart(2, "0")}`;
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        const [x, y] = [Money.parse(text(a), "EUR", "x"), Money.parse(text(b), "EUR", "y")];
        assert.equal(x.toString(), text(a));
        assert.equal(x.plus(y).toString(), text(a + b));
        assert.equal(x.plus(y).minus(y).toString(), text(a));
        assert.equal(x.lessThan(y), a < b);
      }),
    );
  });

  it("knows currencies by their ISO code in upper case", () => {
    assert.deepEqual(["EUR", "JPY", "eur", "BTC", ""].map(isCurrency), [true, true, false, false, false]);
  });

  it("refuses to mix currencies", () => {
    assert.throws(() => Money.parse("1", "EUR", "a").plus(Money.parse("1", "JPY", "b")), /JPY where EUR is meant/);
  });
});
