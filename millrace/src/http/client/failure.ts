import { Failure } from "../../errors/index.ts";

const CODES = {
  connect_failed: "unavailable",
  connection_lost: "unavailable",
  no_upstream: "unavailable",
  bad_response: "internal",
  response_too_large: "internal",
  bad_request: "invalid_argument",
  client_closed: "failed_precondition",
} as const;

/** clientFailure makes one of the client's own failures. */
export function clientFailure(reason: keyof typeof CODES, message: string, cause?: unknown): Failure {
  return new Failure(`http: client: ${message}`, { code: CODES[reason], reason: `http/${reason}`, cause });
}

/** isUnsent says whether a request surely did not reach an upstream, so that it may be sent again whatever it does. */
export function isUnsent(err: unknown): boolean {
  return err instanceof Failure && err.reason === "http/connect_failed";
}
