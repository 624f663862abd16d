import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Failure, ValidationFailure } from "millrace/errors";
import { Money } from "./money.ts";
import { CURRENCY, MAX_QUANTITY, type NewItem, checkTotal, price } from "./order.ts";

const item = (unitPrice: string, quantity = 1): NewItem => ({ sku: "MUG-01", quantity, unitPrice });
const cents = (n: bigint): string => `${n / 100n}.${String(n % 100n).padStart(2, "0")}`;

describe("price", () => {
  const cases = [
    { name: "one item", items: [item("12.5")], want: "12.50" },
    { name: "a gift", items: [item("0")], want: "0.00" },
    { name: "what floats get wrong", items: [item("0.10"), item("0.20")], want: "0.30" },
    { name: "three of a kind", items: [item("0.10", 3)], want: "0.30" },
    {
      name: "the most there can be",
      items: Array.from({ length: 100 }, () => item("1000000", MAX_QUANTITY)),
      want: "1000000000000.00",
    },
  ];
  for (const { name, items, want } of cases) {
    it(`adds up ${name}: ${want}`, () => {
      const priced = price(items);
      assert.equal(priced.total.toString(), want);
      assert.equal(priced.items.length, items.length);
    });
  }

  it("is exact for any prices and quantities", () => {
    const line = fc.tuple(fc.bigInt({ min: 0n, max: 100_000_000n }), fc.integer({ min: 1, max: MAX_QUANTITY }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 100 }), (lines) => {
        const want = lines.reduce((sum, [unit, quantity]) => sum + unit * BigInt(quantity), 0n);
        const { total } = price(lines.map(([unit, quantity]) => item(cents(unit), quantity)));
        assert.equal(total.toString(), cents(want));
      }),
    );
  });

  it("refuses all wrong prices at once, each with its place", () => {
    const asked = ["1", "-1", "1.001", "1,5", "1000000.01", "2"].map((text) => item(text));
    assert.throws(
      () => price(asked),
      (err) => {
        assert.ok(err instanceof ValidationFailure);
        const wrong = [1, 2, 3, 4].map((i) => ["items", i, "unit_price"]);
        assert.deepEqual(
          err.issues.map(({ path }) => path),
          wrong,
        );
        return true;
      },
    );
  });
});

describe("checkTotal", () => {
  const order = { id: "o", userId: "u", ...price([item("1.50", 2)]), createdAt: new Date(0) };

  it("accepts the same amount, however it is written", () => {
    checkTotal(order, Money.fromStore("3.0000", CURRENCY));
  });

  it("refuses another one", () => {
    const lost = Money.fromStore("1.50", CURRENCY);
    assert.throws(
      () => checkTotal(order, lost),
      (err) => err instanceof Failure && err.reason === "order/total",
    );
  });
});
