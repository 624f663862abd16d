/** checkNumber throws a RangeError that names the option unless its value is a number from min up, and whole if it must be. */
export function checkNumber(what: string, value: number, min: number, max: number = Infinity): void {
  if (!(value >= min && value <= max)) {
    const range = max === Infinity ? `at least ${min}` : `from ${min} to ${max}`;
    throw new RangeError(`resilience: ${what} must be ${range}, not ${value}`);
  }
}

/** checkCount is checkNumber for a whole number. */
export function checkCount(what: string, value: number, min: number): void {
  checkNumber(what, value, min);
  if (!Number.isSafeInteger(value)) throw new RangeError(`resilience: ${what} must be a whole number, not ${value}`);
}
