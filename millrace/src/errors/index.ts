export { CODES, type Code, codeFromGrpc, codeFromHttp, grpcStatus, httpStatus } from "./code.ts";
export { Failure, type FailureOptions, codeOf, isRetryable } from "./failure.ts";
export { type Issue, ValidationFailure, type ValidationOptions } from "./validation.ts";
export { sentinel } from "./sentinel.ts";
export { as, is } from "./match.ts";
export { join, wrap } from "./wrap.ts";
export { attempt } from "./attempt.ts";
