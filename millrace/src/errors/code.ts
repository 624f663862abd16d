/**
 * CODES are the 16 canonical error codes, named as gRPC and Connect name them.
 * Source: https://connectrpc.com/docs/protocol/#error-codes
 */
export const CODES = [
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
] as const;

/** Code says what kind of failure an error is; callers branch on it and never on a message. */
export type Code = (typeof CODES)[number];

const STATUS: Readonly<Record<Code, number>> = {
  invalid_argument: 400,
  out_of_range: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  failed_precondition: 409,
  aborted: 409,
  resource_exhausted: 429,
  canceled: 499,
  unknown: 500,
  internal: 500,
  data_loss: 500,
  unimplemented: 501,
  unavailable: 503,
  deadline_exceeded: 504,
};

/** httpStatus is the HTTP status that a code becomes at the edge. 499 is nginx's "client closed request". */
export function httpStatus(code: Code): number {
  return STATUS[code];
}

/**
 * grpcStatus is the number of a code on the gRPC wire, 1 to 16; 0 is OK and no error.
 * Source: https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
 */
export function grpcStatus(code: Code): number {
  // CODES stands in the order of the numbers, less OK.
  return CODES.indexOf(code) + 1;
}

/** codeFromGrpc is the inverse of grpcStatus; a number outside 1 to 16 is "unknown". */
export function codeFromGrpc(status: number): Code {
  return CODES[status - 1] ?? "unknown";
}

/** codeFromHttp guesses a code from the status of a foreign HTTP answer that carries no code of its own. */
export function codeFromHttp(status: number): Code {
  switch (status) {
    case 401:
      return "unauthenticated";
    case 403:
      return "permission_denied";
    case 404:
    case 410:
      return "not_found";
    case 408:
    case 504:
      return "deadline_exceeded";
    case 409:
      return "aborted";
    case 412:
      return "failed_precondition";
    case 416:
      return "out_of_range";
    case 429:
      return "resource_exhausted";
    case 499:
      return "canceled";
    case 501:
      return "unimplemented";
    case 502:
    case 503:
      return "unavailable";
    default:
      return status >= 400 && status < 500 ? "invalid_argument" : status >= 500 ? "internal" : "unknown";
  }
}
