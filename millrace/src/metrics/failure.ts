import { Failure } from "../errors/index.ts";

/** invalid is a metric that cannot be as it was described. @internal */
export function invalid(message: string): Failure {
  return new Failure(`metrics: ${message}`, { code: "invalid_argument", reason: "metrics/invalid" });
}
