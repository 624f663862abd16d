/** ATTRS are the values of a line. */
export const ATTRS = { order: "ord_8271", items: 3, total: 129.9, currency: "EUR", paid: true };

/** COUNTS are how many lines a timed run has. */
export const COUNTS = { line: 300_000, disabled: 50_000_000 };
