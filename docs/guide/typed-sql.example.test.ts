import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Ctx, background } from "millrace/context";
import { loadMigrations, up } from "millrace/migrate";
import { type Pool, openPool } from "millrace/sql";
import { pglite } from "millrace/sql/pglite";
import { run } from "../../cli/src/gen-sql/command.ts";
import { memoryIo } from "../../cli/src/testing/memory-io.ts";
import { getOrder, listOrders, placeOrder } from "./typed-sql/db/gen/orders.ts";
import { changeUser, createUser, exportUsers, findUser, getUser, importUsers } from "./typed-sql/db/gen/users.ts";

const PROJECT = join(import.meta.dirname, "typed-sql");

test("what is generated is what is checked in, and nothing hurts", async () => {
  const io = memoryIo({ cwd: PROJECT });
  assert.equal(await run(["--check", "--lint"], io), 0, io.stderr.text);
});

test("the guide shows the project's own files", () => {
  const folders = ["db/migrations", "db/queries", "db/gen"].map((folder) => join(PROJECT, folder));
  const files = [
    ...folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file))),
    join(PROJECT, "millrace.json"),
  ];
  const texts = files.map((file) => readFileSync(file, "utf8"));
  const guide = readFileSync(join(import.meta.dirname, "typed-sql.md"), "utf8");
  const blocks = Array.from(guide.matchAll(/^```(?:sql|ts sketch|json)\n([^]*?)^```$/gm), (match) => match[1]!);
  assert.equal(blocks.length, 9);
  for (const block of blocks) {
    const shown = texts.some((text) => text.includes(block)) || block.startsWith("-- millrace:ignore");
    assert.ok(shown, block);
  }
});

test("the functions work", async () => {
  await using pool = await openPool(background, pglite());
  await up(background, pool, loadMigrations(join(PROJECT, "db/migrations")));
  const userId = randomUUID();
  const user = { id: userId, email: "ada@example.org", name: "Ada", phone: null, createdAt: new Date(0) };
  await createUser(background, pool, user);

  const { order, changed } = await useThem(background, pool, userId);
  assert.equal(changed, 1);
  assert.deepEqual(order, { id: 1n, status: "open" });
  assert.deepEqual(await findUser(background, pool, { email: "ada@example.org" }), { id: userId, name: "Ada L." });
  const orders = await listOrders(background, pool, { userId, after: 0, statuses: ["open", "paid"], maxRows: 10 });
  assert.deepEqual(orders, [{ id: 1n, status: "open", total: 1250n }]);
  const found = await getOrder(background, pool, { id: 1 });
  assert.deepEqual(found, { id: 1n, status: "open", customer: { ...user, name: "Ada L." }, courier: null });
});

async function useThem(ctx: Ctx, pool: Pool, userId: string) {
  const order = await pool.tx(ctx, async (ctx, tx) => {
    const user = await getUser(ctx, tx, { id: userId });
    return placeOrder(ctx, tx, { userId: user.id, total: 1250n });
  });
  const changed = await changeUser(ctx, pool, { id: userId, name: "Ada L.", phone: null });
  return { order, changed };
}

test("rows in and out", async () => {
  await using pool = await openPool(background, pglite());
  await up(background, pool, loadMigrations(join(PROJECT, "db/migrations")));
  const lines = ["eve@example.org", "mallory@example.org"];
  assert.deepEqual(await inAndOut(background, pool, lines), { copied: 2, found: lines });
});

async function* usersOf(lines: readonly string[]) {
  for (const [i, email] of lines.entries()) {
    const id = `00000000-0000-0000-0000-00000000000${i}`;
    yield { id, email, name: email.split("@")[0]!, phone: null, createdAt: new Date(0) };
  }
}

async function inAndOut(ctx: Ctx, pool: Pool, lines: readonly string[]) {
  const found: string[] = [];
  const copied = await importUsers(ctx, pool, usersOf(lines));
  for await (const { email } of exportUsers(ctx, pool)) found.push(email);
  return { copied, found };
}
