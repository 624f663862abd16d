import { Failure } from "millrace/errors";

/** refusing turns one kind of violated constraint into the domain's own refusal. */
export async function refusing<T>(reason: string, refusal: () => Failure, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (err) {
    throw err instanceof Failure && err.reason === reason ? refusal() : err;
  }
}
