import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Text, memoryIo } from "../testing/memory-io.ts";
import { follow } from "./command.ts";
import { Project } from "./project.ts";

const BLOG = join(import.meta.dirname, "testing", "blog");
const FOLDERS = { migrations: "db/migrations", queries: "db/queries", out: "db/gen" };

test("gen sql --watch: writes again after each change, and goes on after a mistake", { timeout: 60_000 }, async () => {
  await using owned = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "millrace-watch-"));
  owned.defer(() => rm(dir, { recursive: true, force: true }));
  await cp(BLOG, dir, { recursive: true });
  const file = (path: string): string => join(dir, path);
  const stop = new AbortController();
  const io = memoryIo({ cwd: dir });
  const project = owned.use(new Project(dir, FOLDERS));
  const over = follow(project, { ...FOLDERS, check: false, lint: false, watch: true, help: false }, io, stop.signal);

  await says(io.stderr, /^millrace gen sql: \d+ ms$/m);
  await writeFile(file("db/queries/posts.sql"), "-- name: GetTitle :one\nselect title from posts where id = @id;\n");
  await says(io.stderr, /^db\/gen\/posts\.ts: changed/m);
  assert.match(await readFile(file("db/gen/posts.ts"), "utf8"), /export function getTitle\(/);

  await writeFile(file("db/queries/posts.sql"), "-- name: GetTitle :one\nselect titel from posts where id = @id;\n");
  await says(io.stderr, /^db\/queries\/posts\.sql:2:8: column "titel" does not exist/m);

  await writeFile(file("db/migrations/00002_titel.sql"), "-- +goose Up\nalter table posts rename title to titel;\n");
  await says(io.stderr, /(?:^db\/gen\/posts\.ts: changed.*\n[^]*){2}/m);
  assert.match(await readFile(file("db/gen/posts.ts"), "utf8"), /readonly titel: string/);

  stop.abort();
  assert.equal(await over, 0);
});

// Waits for what is written.
async function says(output: Text, pattern: RegExp): Promise<void> {
  while (!pattern.test(output.text)) await new Promise((resolve) => setTimeout(resolve, 5));
}
