import { Failure, type Issue, ValidationFailure } from "millrace/errors";
import { Money } from "./money.ts";

/** CURRENCY is what the shop sells in. */
export const CURRENCY = "EUR";
/** MAX_ITEMS is how many items an order has at most; it has at least one. */
export const MAX_ITEMS = 100;
/** MAX_QUANTITY is how many of one item can be ordered at once, at least one. */
export const MAX_QUANTITY = 10_000;

// With the bounds above no total is beyond a million millions, far below what a column holds.
const MAX_UNIT_PRICE = Money.parse("1000000", CURRENCY);

/** OrderItem is a line of an order: so many of one thing at a price. */
export interface OrderItem {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: Money;
}

/** Order is what a user has bought. Its total is the exact sum of its items; neither ever changes. */
export interface Order {
  readonly id: string;
  readonly userId: string;
  readonly items: readonly OrderItem[];
  readonly total: Money;
  readonly createdAt: Date;
}

/** NewItem is an item as it is asked for; the price is a decimal text. */
export interface NewItem {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: string;
}

/** price reads the prices of items and adds them up; what is wrong with any of them is in one ValidationFailure. */
export function price(asked: readonly NewItem[]): Pick<Order, "items" | "total"> {
  const items: OrderItem[] = [];
  const issues: Issue[] = [];
  for (const [i, { sku, quantity, unitPrice }] of asked.entries()) {
    try {
      items.push({ sku, quantity, unitPrice: unitPriceOf(unitPrice, i) });
    } catch (err) {
      if (!(err instanceof ValidationFailure)) throw err;
      issues.push(...err.issues);
    }
  }
  if (issues.length > 0) throw new ValidationFailure("the items are not valid", issues);
  const total = items.reduce(
    (sum, { quantity, unitPrice }) => sum.plus(unitPrice.times(quantity)),
    Money.parse("0", CURRENCY),
  );
  return { items, total };
}

function unitPriceOf(text: string, i: number): Money {
  const path = ["items", i, "unit_price"];
  const unitPrice = Money.parse(text, CURRENCY, ...path);
  if (!MAX_UNIT_PRICE.lessThan(unitPrice)) return unitPrice;
  const message = `must be at most ${MAX_UNIT_PRICE.toString()}`;
  throw new ValidationFailure(`${path.join(".")}: ${message}`, [{ path, message }]);
}

/** checkTotal compares what was computed here with what the store has added up; a difference is a bug, and no order. */
export function checkTotal({ id, total }: Order, stored: Money): void {
  if (stored.equals(total)) return;
  throw new Failure(`order ${id}: the items come to ${stored.toString()}, not to ${total.toString()}`, {
    code: "internal",
    reason: "order/total",
  });
}

export function orderNotFound(id: string): Failure {
  return new Failure(`order ${id}: not found`, {
    code: "not_found",
    reason: "order/not_found",
    detail: "no such order",
  });
}
