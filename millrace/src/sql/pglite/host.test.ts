import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import pg from "pg";
import { background } from "../../context/index.ts";
import { prepareDataDir } from "./data-dir.ts";
import { Embedded } from "./embedded.ts";
import { PgliteHost } from "./host.ts";

interface Bundle extends AsyncDisposable {
  readonly dir: string;
  readonly host: PgliteHost;
  client(): Promise<pg.Client & { errors: Error[] }>;
}

async function setup(): Promise<Bundle> {
  const parent = await mkdtemp(join(tmpdir(), "millrace-test-"));
  const dir = join(parent, "data");
  await prepareDataDir(dir);
  const host = await PgliteHost.open(dir);
  return {
    dir,
    host,
    async client() {
      const made = new pg.Client({ stream: () => host.connect(), user: "postgres", database: "postgres" });
      const errors: Error[] = [];
      made.on("error", (err) => errors.push(err));
      await made.connect();
      return Object.assign(made, { errors });
    },
    async [Symbol.asyncDispose]() {
      await host.close();
      await rm(parent, { recursive: true });
    },
  };
}

const DOWN = { reason: "sql/pglite_down", code: "unavailable", retryable: false };

test("when the worker dies every connection fails, and so does whatever comes after", async () => {
  await using b = await setup();
  const [busy, waiting, idle] = [await b.client(), await b.client(), await b.client()];
  await busy.query("begin");
  const lost = [
    assert.rejects(busy.query("select count(*) from generate_series(1, 100000000)"), DOWN),
    assert.rejects(waiting.query("select 1"), DOWN),
    assert.rejects(b.host.ping(background), DOWN),
  ];
  await b.host.kill();
  await Promise.all(lost);
  assert.equal(b.host.down?.reason, "sql/pglite_down");
  assert.throws(() => {
    throw idle.errors[0];
  }, DOWN);
  await assert.rejects(b.host.ping(background), DOWN);
  await assert.rejects(b.client(), DOWN);
});

test("PostgreSQL giving up ends the worker, and its last words are the cause", async () => {
  await using b = await setup();
  const client = await b.client();
  await rm(join(b.dir, "pg_wal"), { recursive: true });
  await assert.rejects(
    client.query("select pg_switch_wal(); create table t (); select pg_switch_wal(); checkpoint"),
    DOWN,
  );
  await b.host.gone;
  assert.match(String(b.host.down?.cause), /PANIC|FATAL/);
});

test("a database with a directory is opened again after its worker has died, one without is not", async () => {
  await using b = await setup();
  await b.host.close();
  const kept = new Embedded(b.dir);
  const first = await kept.host();
  await first.kill();
  await first.gone;
  const second = await kept.host();
  assert.notEqual(second, first);
  await second.ping(background);
  await kept.close();

  const temporary = new Embedded(undefined);
  const host = await temporary.host();
  await host.kill();
  await host.gone;
  await assert.rejects((await temporary.host()).ping(background), DOWN);
  await temporary.close();
});
