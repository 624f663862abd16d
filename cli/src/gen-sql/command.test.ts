import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { memoryIo } from "../testing/memory-io.ts";
import { run } from "./command.ts";

const BLOG = join(import.meta.dirname, "testing", "blog");

test("gen sql: what is checked in is what it writes", async () => {
  const io = memoryIo({ cwd: BLOG });
  assert.equal(await run(["--check", "--lint"], io), 0, io.stderr.text);
  assert.equal(io.stderr.text, "");
});

test("gen sql: from nothing, to the same bytes", async () => {
  await using blog = await copyOfBlog();
  await rm(join(blog.dir, "db/gen"), { recursive: true });
  const io = memoryIo({ cwd: blog.dir });
  assert.equal(await run([], io), 0, io.stderr.text);
  for (const file of await readdir(join(BLOG, "db/gen"))) {
    const [got, want] = await Promise.all(
      [blog, { dir: BLOG }].map(({ dir }) => readFile(join(dir, "db/gen", file), "utf8")),
    );
    assert.equal(got, want);
  }
});

test("gen sql --check: says what is stale and changes nothing", async () => {
  await using blog = await copyOfBlog();
  const posts = join(blog.dir, "db/gen/posts.ts");
  const text = await readFile(posts, "utf8");
  await writeFile(posts, text.replace("  readonly title: string;\n", ""));
  await rm(join(blog.dir, "db/gen/schema.ts"));
  await writeFile(join(blog.dir, "db/gen/old.ts"), text);
  const io = memoryIo({ cwd: blog.dir });
  assert.equal(await run(["--check"], io), 1);
  assert.match(io.stderr.text, /^db\/gen\/old\.ts: obsolete, \+0 -\d+ lines$/m);
  assert.match(io.stderr.text, /^db\/gen\/posts\.ts: changed, \+1 -0 lines$/m);
  assert.match(io.stderr.text, /^db\/gen\/schema\.ts: new, \+\d+ -0 lines$/m);
  assert.deepEqual((await readdir(join(blog.dir, "db/gen"))).toSorted(), ["authors.ts", "old.ts", "posts.ts"]);
});

test("gen sql: removes what has no query any more, and leaves alone what it has not written", async () => {
  await using blog = await copyOfBlog();
  await rm(join(blog.dir, "db/queries/posts.sql"));
  await writeFile(join(blog.dir, "db/gen/mine.ts"), "export {};\n");
  assert.equal(await run([], memoryIo({ cwd: blog.dir })), 0);
  assert.deepEqual((await readdir(join(blog.dir, "db/gen"))).toSorted(), ["authors.ts", "mine.ts"]);

  await writeFile(join(blog.dir, "db/queries/mine.sql"), "-- name: One :one\nselect 1 as one;\n");
  await assert.rejects(run([], memoryIo({ cwd: blog.dir })), /mine\.ts was not generated and is not overwritten/);
});

test("gen sql: a problem is shown with its line, and nothing is written", async () => {
  await using blog = await copyOfBlog();
  await writeFile(join(blog.dir, "db/queries/posts.sql"), "-- name: GetPost :one\nselect titel from posts;\n");
  const io = memoryIo({ cwd: blog.dir });
  assert.equal(await run([], io), 1);
  assert.match(io.stderr.text, /^db\/queries\/posts\.sql:2:8: column "titel" does not exist/);
  assert.match(io.stderr.text, /\n {2}select titel from posts;\n {9}\^\n$/);
  assert.equal(await run(["--check"], memoryIo({ cwd: BLOG })), 0);
});

test("gen sql: a migration that fails is named", async () => {
  await using blog = await copyOfBlog();
  await writeFile(
    join(blog.dir, "db/migrations/00002_bad.sql"),
    "-- +goose Up\nselect 1;\nalter table postss add a int;\n",
  );
  const io = memoryIo({ cwd: blog.dir });
  assert.equal(await run([], io), 1);
  assert.equal(io.stderr.text, 'db/migrations/00002_bad.sql:3: relation "postss" does not exist\n');
});

test("gen sql: folders, flags and millrace.json that are wrong", async () => {
  await using blog = await copyOfBlog();
  await assert.rejects(run(["--queries", "nope"], memoryIo({ cwd: blog.dir })), /there is no folder .*nope: --queries/);
  await assert.rejects(
    run(["--migrations", "nope"], memoryIo({ cwd: blog.dir })),
    /there is no folder .*nope: --migrations/,
  );
  assert.equal(await run(["--nope"], memoryIo()), 2);
  await writeFile(join(blog.dir, "millrace.json"), '{ "gen": { "sql": { "columns": { "a.b": { "typ": "A" } } } } }');
  await assert.rejects(run([], memoryIo({ cwd: blog.dir })), /millrace\.json: gen\.sql\.columns\.a\.b has "typ"/);
});

async function copyOfBlog(): Promise<AsyncDisposable & { readonly dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), "millrace-blog-"));
  await cp(BLOG, dir, { recursive: true });
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}
