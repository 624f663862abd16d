/**
 * attempt turns a rejection into a value, for code that reads better without try: `[value, undefined]` on success,
 * `[undefined, err]` on failure. A rejection with undefined is given as an Error, so that the second member tells.
 */
export async function attempt<T>(
  promise: PromiseLike<T>,
): Promise<[value: T, err: undefined] | [value: undefined, err: unknown]> {
  try {
    return [await promise, undefined];
  } catch (err) {
    return [undefined, err ?? new Error("rejected with undefined")];
  }
}
