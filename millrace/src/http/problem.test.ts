import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, ValidationFailure } from "../errors/index.ts";
import { problem } from "./problem.ts";
import { FakeExchange } from "./testing/fake-exchange.ts";

test("errors become problems by their code, or by their reason where HTTP is finer", async (t) => {
  const cases: { name: string; err: unknown; want: Record<string, unknown> }[] = [
    {
      name: "an unknown error says nothing",
      err: new Error("password is hunter2"),
      want: { title: "Internal Server Error", status: 500, code: "internal", reason: "internal" },
    },
    {
      name: "a thrown text says nothing",
      err: "secret",
      want: { title: "Internal Server Error", status: 500, code: "internal", reason: "internal" },
    },
    {
      name: "a 500 Failure does not show its reason",
      err: new Failure("sql: host db-7 is broken", { code: "data_loss", reason: "sql/corrupt" }),
      want: { title: "Internal Server Error", status: 500, code: "internal", reason: "internal" },
    },
    {
      name: "a Failure shows its detail, never its message",
      err: new Failure("get user 42: no rows", { code: "not_found", reason: "user/missing", detail: "No such user." }),
      want: { title: "Not Found", status: 404, detail: "No such user.", code: "not_found", reason: "user/missing" },
    },
    {
      name: "a reason may have a finer status",
      err: new Failure("x", { code: "resource_exhausted", reason: "http/body_too_large" }),
      want: { title: "Content Too Large", status: 413, code: "resource_exhausted", reason: "http/body_too_large" },
    },
    {
      name: "issues are listed",
      err: new ValidationFailure("Bad order.", [{ path: ["items", 0, "price"], message: "must be positive" }]),
      want: {
        title: "Bad Request",
        status: 400,
        detail: "Bad order.",
        code: "invalid_argument",
        reason: "validation",
        issues: [{ path: "items.0.price", message: "must be positive" }],
      },
    },
  ];
  for (const { name, err, want } of cases) {
    await t.test(name, () => {
      const reply = problem(new FakeExchange(), err);
      assert.equal(reply.status, want["status"]);
      assert.equal(reply.type, "application/problem+json");
      assert.deepEqual(JSON.parse(String(reply.body)), { type: "about:blank", request_id: "test-id", ...want });
    });
  }
});
