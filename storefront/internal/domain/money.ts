import { Failure, ValidationFailure } from "millrace/errors";
import { Big } from "big.js";

// An own constructor: `strict` refuses numbers, and setting it on the shared one would change it for everybody.
const Decimal = Big();
Decimal.strict = true;

// 18 digits before the point and 4 after fit numeric(24,4) with room for sums.
const FORM = /^(?<sign>-?)(?<whole>\d{1,18})(?:\.(?<fraction>\d+))?$/;

const CURRENCIES = new Set(Intl.supportedValuesOf("currency"));

/** isCurrency says whether a text is an ISO 4217 code that this platform knows, in upper case: "EUR". */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** Money is an exact amount of one currency. Its text always has as many decimals as the currency: "10.50", "JPY 7". */
export class Money {
  readonly currency: string;
  readonly #amount: Big;

  private constructor(amount: Big, currency: string) {
    this.#amount = amount;
    this.currency = currency;
  }

  /**
   * parse reads a plain decimal such as "10.5" of a known currency. What is no such number, is negative, or has more
   * decimals than the currency is a ValidationFailure on `path`.
   */
  static parse(text: string, currency: string, ...path: readonly (string | number)[]): Money {
    const refuse = (message: string): ValidationFailure =>
      new ValidationFailure(`${path.join(".")}: ${message}`, [{ path, message }]);
    const groups = FORM.exec(text)?.groups;
    if (groups === undefined) throw refuse('must be a decimal string with at most 18 digits before the point: "10.50"');
    const digits = scale(currency);
    const decimals = groups["fraction"]?.replace(/0+$/, "").length ?? 0;
    if (decimals > digits) throw refuse(`must have at most ${digits} decimals, as ${currency} has`);
    if (groups["sign"] === "-") throw refuse("must not be negative");
    return new Money(new Decimal(text), currency);
  }

  /** fromStore takes an exact decimal as the database gives it. */
  static fromStore(text: string, currency: string): Money {
    return new Money(new Decimal(text), currency);
  }

  get isZero(): boolean {
    return this.#amount.eq("0");
  }

  lessThan(other: Money): boolean {
    return this.#amount.lt(this.#same(other));
  }

  equals(other: Money): boolean {
    return this.#amount.eq(this.#same(other));
  }

  plus(other: Money): Money {
    return new Money(this.#amount.plus(this.#same(other)), this.currency);
  }

  minus(other: Money): Money {
    return new Money(this.#amount.minus(this.#same(other)), this.currency);
  }

  /** times is the price of so many: a whole number. */
  times(count: number): Money {
    return new Money(this.#amount.times(String(count)), this.currency);
  }

  toString(): string {
    return this.#amount.toFixed(scale(this.currency));
  }

  #same(other: Money): Big {
    if (other.currency === this.currency) return other.#amount;
    throw new Failure(`money: ${other.currency} where ${this.currency} is meant`, { code: "internal" });
  }
}

const scales = new Map<string, number>();

// scale is the number of decimals of a currency: 2 for EUR, 0 for JPY, 3 for BHD.
function scale(currency: string): number {
  let digits = scales.get(currency);
  if (digits === undefined) {
    // The option is always resolved for the style "currency".
    digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
    scales.set(currency, digits);
  }
  return digits;
}
