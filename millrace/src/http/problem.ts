import { Failure, ValidationFailure } from "../errors/index.ts";
import { Reply } from "./reply.ts";
import type { Req } from "./req.ts";
import { STATUS_TEXT, statusOf } from "./status.ts";

/**
 * problem answers with an error as application/problem+json: `{type, title, status, detail?, code, reason, request_id,
 * issues?}`. Of a Failure the client reads code, reason and detail, never the message; of any other error, and of a
 * Failure that is a 500, it reads that there was one. Source: RFC 9457.
 */
export function problem(req: Req, err: unknown): Reply {
  const status = statusOf(err);
  const failure = err instanceof Failure && status !== 500 ? err : undefined;
  const body = {
    type: "about:blank",
    title: STATUS_TEXT[status] ?? "Error",
    status,
    detail: err instanceof Failure ? err.detail : undefined,
    code: failure?.code ?? "internal",
    reason: failure?.reason ?? "internal",
    request_id: req.requestId,
    issues: err instanceof ValidationFailure ? err.issues.map(issueOf) : undefined,
  };
  return new Reply(status, "application/problem+json", JSON.stringify(body));
}

function issueOf(issue: ValidationFailure["issues"][number]): { path: string; message: string } {
  return { path: issue.path.join("."), message: issue.message };
}
