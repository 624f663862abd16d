/** Price is an amount in hundredths. */
export interface Price {
  readonly cents: bigint;
}

/** parsePrice reads numeric(12, 2) as the driver gives it. */
export function parsePrice(text: string): Price {
  return { cents: BigInt(text.replace(".", "")) };
}

/** formatPrice writes a price as PostgreSQL takes it. */
export function formatPrice({ cents }: Price): string {
  const digits = String(cents).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
