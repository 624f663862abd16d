import assert from "node:assert/strict";
import type { Answer } from "./storefront.ts";

/** problem is the body of an answer that must be a problem with this status and the answer's request id. */
export function problem(answer: Answer, status: number): Record<string, unknown> {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.equal(answer.body["status"], status);
  assert.equal(answer.body["request_id"], answer.headers.get("x-request-id"));
  return answer.body;
}

/** issuePaths are the places that an answer with status 400 complains of, sorted. */
export function issuePaths(answer: Answer): string[] {
  return (problem(answer, 400)["issues"] as { path: string }[]).map((issue) => issue.path).toSorted();
}
