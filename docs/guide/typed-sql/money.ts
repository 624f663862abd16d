/** Money is an amount in cents. */
export type Money = bigint;

/** parseMoney reads numeric(12, 2). */
export function parseMoney(text: string): Money {
  return BigInt(text.replace(".", ""));
}

/** formatMoney writes what PostgreSQL reads. */
export function formatMoney(money: Money): string {
  const digits = String(money).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
