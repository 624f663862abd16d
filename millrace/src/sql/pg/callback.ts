/** Callback is what pg's functions take in place of giving a promise. @internal */
export type Callback<T = unknown> = (err: unknown, value?: T) => void;

/** tell gives the outcome of a promise to a callback; what that throws is nobody's to catch, as in pg. @internal */
export async function tell<T>(promise: Promise<T>, callback: Callback<T>): Promise<void> {
  let value: T;
  try {
    value = await promise;
  } catch (err) {
    callback(err);
    return;
  }
  callback(undefined, value);
}

/** callbackOf is an argument that may be a callback. @internal */
export function callbackOf(arg: unknown): Callback | undefined {
  return typeof arg === "function" ? (arg as Callback) : undefined;
}
