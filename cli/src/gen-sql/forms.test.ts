import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { background } from "millrace/context";
import { codeOf } from "millrace/errors";
import { loadMigrations, up } from "millrace/migrate";
import type { Pool } from "millrace/sql";
import { databaseTest } from "../../../millrace/src/sql/testing/database.ts";
import * as authors from "./testing/blog/db/gen/authors.ts";
import * as posts from "./testing/blog/db/gen/posts.ts";

// Each of sqlc's forms, generated and checked in, on a real PostgreSQL.

const ADA = "00000000-0000-0000-0000-00000000000a";
const BOB = "00000000-0000-0000-0000-00000000000b";
const at = new Date("2026-01-02T03:04:05.678Z");
const ctx = background;

async function filled(db: { open(): Promise<Pool> }): Promise<Pool> {
  const pool = await db.open();
  await up(ctx, pool, loadMigrations(join(import.meta.dirname, "testing/blog/db/migrations")));
  const settings = { theme: "dark" } as const;
  const common = { bio: null, tags: ["a", 'b"c'], settings, createdAt: at };
  await authors.createAuthor(ctx, pool, { ...common, id: ADA, handle: "ada", email: "Ada@example.org" });
  await authors.createAuthor(ctx, pool, { ...common, id: BOB, handle: "bob", email: "bob@example.org", bio: "Bob." });
  return pool;
}

databaseTest(":one gives the row, and not_found without one", async (_, db) => {
  const pool = await filled(db);
  assert.deepEqual(await authors.getAuthor(ctx, pool, { id: ADA }), {
    id: ADA,
    handle: "ada",
    email: "Ada@example.org",
    bio: null,
    tags: ["a", 'b"c'],
    settings: { theme: "dark" },
    createdAt: at,
  });
  const nobody = authors.getAuthor(ctx, pool, { id: ADA.replace("a", "c") });
  await assert.rejects(nobody, (err) => codeOf(err) === "not_found");
});

databaseTest(":one of an aggregate, with a claim", async (_, db) => {
  const pool = await filled(db);
  assert.deepEqual(await authors.countAuthors(ctx, pool), { total: 2n, latest: at });
});

databaseTest(":maybe gives the row or undefined", async (_, db) => {
  const pool = await filled(db);
  assert.deepEqual(await authors.findAuthor(ctx, pool, { email: "ADA@EXAMPLE.ORG" }), { id: ADA, handle: "ada" });
  assert.equal(await authors.findAuthor(ctx, pool, { email: "eve@example.org" }), undefined);
});

databaseTest(":many, with sqlc.narg", async (_, db) => {
  const pool = await filled(db);
  const all = await authors.listAuthors(ctx, pool, { after: "", search: null, maxRows: 10 });
  assert.deepEqual(
    all.map(({ handle, bio }) => [handle, bio]),
    [
      ["ada", null],
      ["bob", "Bob."],
    ],
  );
  const some = await authors.listAuthors(ctx, pool, { after: "", search: "b", maxRows: 10n });
  assert.deepEqual(
    some.map(({ handle }) => handle),
    ["bob"],
  );
});

databaseTest(":execrows gives the number of rows, with sqlc.narg", async (_, db) => {
  const pool = await filled(db);
  assert.equal(await authors.setBio(ctx, pool, { id: BOB, bio: null }), 1);
  assert.equal((await authors.getAuthor(ctx, pool, { id: BOB })).bio, null);
  assert.equal(await authors.setBio(ctx, pool, { id: BOB.replace("b", "c"), bio: "?" }), 0);
});

databaseTest("sqlc.slice takes any number of values", async (_, db) => {
  const pool = await filled(db);
  for (const ids of [[], [ADA], [ADA, BOB]]) {
    assert.equal((await authors.authorsByID(ctx, pool, { ids })).length, ids.length);
    assert.equal((await authors.authorsBut(ctx, pool, { ids })).length, 2 - ids.length);
  }
});

databaseTest("sqlc.embed, also of a table that a join leaves out; parse and format", async (_, db) => {
  const pool = await filled(db);
  const post = { title: "T", body: "B", price: { cents: 1234n }, publishedOn: "2026-01-02", cover: null };
  const first = await posts.createPost(ctx, pool, { ...post, authorId: ADA, meta: [1, { a: null }] });
  assert.deepEqual(first, { id: 1n, status: "draft" });
  const { author, editor, price, ...rest } = await posts.getPost(ctx, pool, { id: first.id });
  assert.deepEqual([author.handle, author.tags, author.createdAt], ["ada", ["a", 'b"c'], at]);
  assert.equal(editor, null);
  assert.deepEqual(price, { cents: 1234n });
  assert.deepEqual(rest, { id: 1n, title: "T", status: "draft" });

  await pool.exec(ctx, "update posts set editor_id = $1", [BOB]);
  assert.equal((await posts.getPost(ctx, pool, { id: 1 })).editor?.handle, "bob");

  const found = await posts.searchPosts(ctx, pool, { authorId: ADA, filter: [{ a: null }], maxRows: 5 });
  assert.deepEqual(found, [{ id: 1n, title: "T", status: "draft", meta: [1, { a: null }] }]);

  assert.equal(await posts.publish(ctx, pool, { id: 1, day: "2026-03-04", fromStatus: ["archived"] }), 0);
  const [gone] = await posts.deleteDrafts(ctx, pool, { authorId: ADA });
  assert.deepEqual(gone?.post.publishedOn, "2026-01-02");
  assert.deepEqual(gone?.post.price, { cents: 1234n });
});

databaseTest(":copyfrom takes rows from wherever they come", async (_, db) => {
  const pool = await filled(db);
  const row = (n: number) => ({
    id: randomUUID(),
    handle: `c_${n}`,
    email: `${n}@example.org`,
    bio: null,
    createdAt: at,
  });
  async function* later() {
    for (let n = 0; n < 1_000; n++) yield row(n);
  }
  assert.equal(await authors.importAuthors(ctx, pool, later()), 1_000);
  assert.equal(await authors.importAuthors(ctx, pool, [row(1_000), { ...row(1_001), bio: "a\tb\\" }]), 2);
  assert.equal((await authors.countAuthors(ctx, pool)).total, 1_004n);
  assert.equal((await authors.findAuthor(ctx, pool, { email: "1001@example.org" }))?.handle, "c_1001");
});

databaseTest(":stream gives one row after the other, embedded tables too", async (_, db) => {
  const pool = await filled(db);
  const handles: string[] = [];
  for await (const { handle } of authors.exportAuthors(ctx, pool)) handles.push(handle);
  assert.deepEqual(handles, ["ada", "bob"]);

  const post = { authorId: ADA, body: "", publishedOn: null, cover: Buffer.from("é"), meta: null };
  for (const cents of [1n, 2n]) await posts.createPost(ctx, pool, { ...post, title: String(cents), price: { cents } });
  const prices: bigint[] = [];
  for await (const { p } of posts.streamPosts(ctx, pool)) {
    assert.deepEqual(p.cover, Buffer.from("é"));
    prices.push(p.price.cents);
  }
  assert.deepEqual(prices, [1n, 2n]);
});
