import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { type Ctx, sleep } from "../../context/index.ts";
import { bubble } from "../bubble.ts";
import { callerOf, to } from "./testing/http.ts";

const HOUR = 3_600_000;
const CLIENTS = 3;
const REQUESTS = 5;

/** An hour of a service: clients that call a server at random moments, and a database that takes a random time. */
async function hour(): Promise<string[]> {
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${performance.now().toFixed(3)} ${what}`);
  await bubble(async (t) => {
    const query = async (ctx: Ctx, id: string): Promise<string> => {
      note(`query ${id}`);
      await sleep(ctx, 1 + Math.random() * 2000);
      return `row ${id}`;
    };
    const server = http.createServer((req, res) => void query(t.ctx, req.url ?? "").then((row) => res.end(row)));
    using caller = callerOf(to(server));
    const client = async (id: number): Promise<void> => {
      for (let i = 0; i < REQUESTS; i++) {
        await t.sleep((HOUR / REQUESTS) * Math.random());
        const answer = await caller.request(`/${id}/${i}`);
        note(`${answer.status} ${answer.text}`);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, id) => client(id)));
    await t.sleep(HOUR - performance.now());
  });
  return log;
}

test("214: an hour with a server, clients and a database is the same hour, 100 times of 100", async (t) => {
  const first = await hour();
  assert.equal(first.length, 2 * CLIENTS * REQUESTS);
  const before = process.cpuUsage();
  for (let i = 1; i < 100; i++) assert.deepEqual(await hour(), first);
  const { user, system } = process.cpuUsage(before);
  const each = (user + system) / 99_000;
  t.diagnostic(`${each.toFixed(1)} ms of CPU an hour`);
  assert.ok(each < 1000, `${each} ms of CPU an hour`);
});
