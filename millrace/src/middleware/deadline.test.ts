import assert from "node:assert/strict";
import { test } from "node:test";
import { Router, text } from "../http/index.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { deadline } from "./deadline.ts";
import { timeout } from "./timeout.ts";

const OWN_MS = 10_000;

async function left(headers: Record<string, string>, ownMs: number = OWN_MS): Promise<number | undefined> {
  const exchange = new FakeExchange({ headers });
  const router = new Router().use(timeout(ownMs), deadline()).get("/", () => text("ok"));
  await exchange.call(router.handler());
  return exchange.deadline === undefined ? undefined : exchange.deadline - Date.now();
}

test("deadline shortens the own limit and never extends it", async (t) => {
  const cases: { name: string; headers: Record<string, string>; ownMs?: number; wantMs: number | undefined }[] = [
    { name: "no header", headers: {}, wantMs: OWN_MS },
    { name: "seconds", headers: { "x-server-timeout": "5" }, wantMs: 5000 },
    { name: "a fraction", headers: { "x-server-timeout": "2.5" }, wantMs: 2500 },
    { name: "longer than the own", headers: { "x-server-timeout": "60" }, wantMs: OWN_MS },
    { name: "without an own", headers: { "x-server-timeout": "60" }, ownMs: 0, wantMs: 60_000 },
    { name: "gRPC, seconds", headers: { "grpc-timeout": "3S" }, wantMs: 3000 },
    { name: "gRPC, milliseconds", headers: { "grpc-timeout": "4000m" }, wantMs: 4000 },
    { name: "gRPC, microseconds", headers: { "grpc-timeout": "5000000u" }, wantMs: 5000 },
    { name: "gRPC, hours", headers: { "grpc-timeout": "99999999H" }, wantMs: OWN_MS },
    { name: "the shorter of both", headers: { "grpc-timeout": "3S", "x-server-timeout": "4" }, wantMs: 3000 },
    ...["", "-1", "1e3", "abc", "5s", "Infinity", "0x10", "٣"].map((bad) => ({
      name: `ignored: ${JSON.stringify(bad)}`,
      headers: { "x-server-timeout": bad, "grpc-timeout": bad },
      wantMs: OWN_MS,
    })),
  ];
  for (const { name, headers, ownMs, wantMs } of cases) {
    await t.test(name, async () => {
      const got = await left(headers, ownMs);
      if (wantMs === undefined) assert.equal(got, undefined);
      else assert.ok(Math.abs(got! - wantMs) < 900, `${got} ms left`);
    });
  }
});

test("no time left is a 504 and reaches no handler; what no client sends is a 400", async () => {
  for (const value of ["0", "0.0", "000"]) {
    await assert.rejects(left({ "x-server-timeout": value }), { code: "deadline_exceeded" });
  }
  await assert.rejects(left({ "grpc-timeout": "0n" }), { reason: "http/no_time_left" });
  for (const value of ["1".repeat(33), "1, 2"]) {
    await assert.rejects(left({ "x-server-timeout": value }), {
      code: "invalid_argument",
      reason: "http/bad_deadline",
    });
  }
});
