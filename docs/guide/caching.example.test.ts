import assert from "node:assert/strict";
import { test } from "node:test";
import { openCache } from "millrace/cache";
import { type Ctx, background, sleep } from "millrace/context";
import { Failure, is } from "millrace/errors";

interface User {
  readonly name: string;
}

const table = {
  rows: new Map<string, User>([["1", { name: "Ada" }]]),
  reads: 0,
  async find(ctx: Ctx, id: string): Promise<User | undefined> {
    table.reads++;
    await sleep(ctx, 1);
    return table.rows.get(id);
  },
  async rename(ctx: Ctx, id: string, name: string): Promise<void> {
    await sleep(ctx, 1);
    table.rows.set(id, { name });
  },
};

async function loadUser(ctx: Ctx, id: string): Promise<User> {
  const user = await table.find(ctx, id);
  if (user === undefined) throw new Failure(`no user ${id}`, { code: "not_found", reason: "users/missing" });
  return user;
}

test("the guide's cache", async () => {
  const ctx = background;
  const cache = openCache<string, User>(ctx, {
    maxEntries: 10_000,
    ttlMs: 60_000,
    staleMs: 600_000,
    negative: { ttlMs: 5000, when: (err) => is(err, "not_found") },
  });
  const findUser = (ctx: Ctx, id: string): Promise<User> => cache.get(ctx, id, loadUser);
  async function rename(ctx: Ctx, id: string, name: string): Promise<void> {
    await table.rename(ctx, id, name);
    cache.delete(id);
  }

  const users = await Promise.all(Array.from({ length: 1000 }, () => findUser(ctx, "1")));
  assert.deepEqual([users[0], users[999], table.reads], [{ name: "Ada" }, users[0], 1]);

  const late = findUser(ctx, "1");
  await rename(ctx, "1", "Grace");
  assert.deepEqual([await late, await findUser(ctx, "1"), table.reads], [{ name: "Ada" }, { name: "Grace" }, 2]);

  for (let i = 0; i < 2; i++) await assert.rejects(findUser(ctx, "2"), { reason: "users/missing" });
  assert.equal(table.reads, 3);
  const { hits, misses, loads, errors, size } = cache.stats();
  assert.deepEqual({ hits, misses, loads, errors, size }, { hits: 2, misses: 1002, loads: 3, errors: 1, size: 2 });
  await cache[Symbol.asyncDispose]();
});
