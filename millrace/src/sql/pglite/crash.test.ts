import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { background } from "../../context/index.ts";
import { prepareDataDir } from "./data-dir.ts";
import { pglite } from "./driver.ts";
import { prepareSnapshot } from "./snapshot.ts";

interface Bundle extends AsyncDisposable {
  readonly parent: string;
  readonly dir: string;
}

async function setup(): Promise<Bundle> {
  const parent = await mkdtemp(join(tmpdir(), "millrace-test-"));
  return {
    parent,
    dir: join(parent, "data"),
    async [Symbol.asyncDispose]() {
      await rm(parent, { recursive: true });
    },
  };
}

const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

function child(program: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, ["--input-type=module", "-e", program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

// Four connections insert rows without an end and print a row's id when it has been acknowledged.
const WRITER = `
  import { pglite } from ${url("./driver.ts")};
  import { background } from ${url("../../context/index.ts")};
  const driver = pglite({ dir: process.argv[1] });
  const setup = await driver.connect(background);
  await setup.script("create table if not exists k (id bigserial primary key, v text, u text unique)");
  for (let c = 0; c < 4; c++) {
    const conn = await driver.connect(background);
    void (async () => {
      for (let i = 0; ; i++) {
        const sql = "insert into k (v, u) values (repeat(md5(random()::text), $1), gen_random_uuid()::text) returning id";
        const { rows } = await conn.query(sql, [1 + (i % 60)]);
        // Not writeSync: a reader that lags would make it fail.
        await new Promise((done) => void process.stdout.write(rows[0].id + "\\n", done));
        if (i % 7 === 0) await conn.query("update k set v = v || 'x' where id = $1", [rows[0].id]);
        if (i % 200 === 0) await conn.script("checkpoint");
      }
    })();
  }`;

test("kill -9 while it writes loses no row that was acknowledged", async () => {
  await using b = await setup();
  const acknowledged: string[] = [];
  for (const rows of [1, 40, 300]) {
    const writer = child(WRITER, b.dir);
    const exit = once(writer, "exit");
    let seen = 0;
    // The child was given a pipe.
    for await (const id of createInterface({ input: writer.stdout! })) {
      acknowledged.push(id);
      if (++seen === rows) writer.kill("SIGKILL");
    }
    await exit;
    assert.ok(seen >= rows);

    await using owned = new AsyncDisposableStack();
    const driver = pglite({ dir: b.dir });
    owned.defer(() => driver.close());
    const conn = await driver.connect(background);
    owned.defer(() => conn.close());
    const present = await conn.query("select id::text, u from k order by id", []);
    const ids = new Set(present.rows.map((row) => row["id"]));
    assert.deepEqual(
      acknowledged.filter((id) => !ids.has(id)),
      [],
    );
    // What the unique index holds is what the table holds.
    await conn.script("set enable_seqscan = off; set enable_bitmapscan = off");
    const indexed = await conn.query("select id::text, u from k where u > '' order by u", []);
    const byId = new Map(indexed.rows.map((row) => [row["id"], row["u"]]));
    assert.deepEqual(
      present.rows.filter((row) => byId.get(row["id"]) !== row["u"]),
      [],
    );
    assert.equal(indexed.rows.length, present.rows.length);
    await assert.rejects(conn.query("insert into k (u) values ($1)", [present.rows[0]?.["u"]]), {
      reason: "sql/unique_violation",
    });
  }
});

test("kill -9 while a directory is made leaves none that looks finished", async () => {
  await using b = await setup();
  const program = `
    import { prepareDataDir } from ${url("./data-dir.ts")};
    console.log("making");
    await prepareDataDir(process.argv[1]);
    console.log("made");`;
  await prepareSnapshot();
  let halfway = 0;
  for (let files = 1; files <= 901; files += 100) {
    const maker = child(program, b.dir);
    const exit = once(maker, "exit");
    let exited = false;
    void exit.then(() => (exited = true));
    await once(maker.stdout!, "data");
    while (!exited && !existsSync(b.dir) && (await count(`${b.dir}.new`)) < files) await new Promise(setImmediate);
    maker.kill("SIGKILL");
    await exit;
    if (existsSync(b.dir)) await rm(b.dir, { recursive: true });
    else if ((await count(`${b.dir}.new`)) > 0) halfway++;
  }
  assert.ok(halfway > 0, "no kill met a directory that was half made");
  const driver = pglite({ dir: b.dir });
  const conn = await driver.connect(background);
  assert.deepEqual((await conn.query("select count(*)::int as n from pg_database", [])).rows, [{ n: 3 }]);
  await conn.close();
  await driver.close();
  assert.equal(existsSync(`${b.dir}.new`), false);
});

test("what a killed process left half made is made anew", async () => {
  await using b = await setup();
  // The worst case: all is there but one file.
  await cp(await prepareSnapshot(), `${b.dir}.new`, { recursive: true });
  await rm(join(`${b.dir}.new`, "global", "pg_control"));
  await mkdir(b.dir);
  await prepareDataDir(b.dir);
  assert.ok(existsSync(join(b.dir, "global", "pg_control")));
});

test("the write-ahead log is cut while the database is open", async () => {
  await using b = await setup();
  const driver = pglite({ dir: b.dir });
  const conn = await driver.connect(background);
  await conn.script("create table t (id serial, v text)");
  for (let i = 0; i < 12; i++) {
    await conn.script("insert into t (v) select repeat(md5(g::text), 10) from generate_series(1, 25000) g");
  }
  const { rows } = await conn.query(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8 / 1048576 as total,
            pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::int8 / 1048576 as open from pg_control_checkpoint()`,
    [],
  );
  const [total, open] = [Number(rows[0]?.["total"]), Number(rows[0]?.["open"])];
  assert.ok(total > 90, `only ${total} MB were written`);
  assert.ok(open < 60, `${open} MB stand after the last checkpoint`);
  await conn.close();
  await driver.close();
});

async function count(dir: string): Promise<number> {
  return (await readdir(dir, { recursive: true }).catch(() => [])).length;
}
