import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { background, withCancel, withTimeout } from "../../context/index.ts";
import type { Driver } from "../driver.ts";
import { pglite } from "./driver.ts";

interface Bundle extends AsyncDisposable {
  readonly dir: string;
}

async function setup(): Promise<Bundle> {
  const parent = await mkdtemp(join(tmpdir(), "millrace-test-"));
  return {
    dir: join(parent, "data"),
    async [Symbol.asyncDispose]() {
      await rm(parent, { recursive: true });
    },
  };
}

// Runs a program with the driver at hand and gives what it printed, and how it ended.
async function run(body: string, dir: string): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program(body), dir], { timeout: 20_000 });
  let out = "";
  child.stdout.on("data", (text: Buffer) => (out += String(text)));
  child.stderr.on("data", (text: Buffer) => (out += String(text)));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out })));
}

function program(body: string): string {
  const src = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  return `
    import { pglite } from ${src("./driver.ts")};
    import { background } from ${src("../../context/index.ts")};
    const driver = pglite({ dir: process.argv[1] });
    ${body}`;
}

test("what was committed is there when it is opened again", async () => {
  await using b = await setup();
  for (let round = 1; round <= 2; round++) {
    const driver = pglite({ dir: b.dir });
    const conn = await driver.connect(background);
    await conn.script("create table if not exists t (n int); insert into t values (1)");
    const { rows } = await conn.query("select count(*)::int as n from t", []);
    assert.deepEqual(rows, [{ n: round }]);
    await conn.close();
    await driver.close();
  }
});

test("a database without a directory leaves nothing behind", async () => {
  const temporary = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith("millrace-pglite-"));
  const before = new Set(await temporary());
  const driver = pglite();
  const conn = await driver.connect(background);
  assert.equal((await temporary()).filter((name) => !before.has(name)).length, 1);
  await conn.close();
  await driver.close();
  assert.deepEqual(
    (await temporary()).filter((name) => !before.has(name)),
    [],
  );
});

test("close fails what is open and what comes after, and may be called again", async () => {
  await using b = await setup();
  const driver = pglite({ dir: b.dir });
  await driver.start(background);
  const [busy, idle] = [await driver.connect(background), await driver.connect(background)];
  await busy.script("begin");
  const waiting = assert.rejects(idle.query("select 1", []), { reason: "sql/connection_lost", code: "unavailable" });
  await driver.close();
  await waiting;
  await driver.close();
  for (const call of [
    () => driver.connect(background),
    () => driver.ping(background),
    () => driver.start(background),
  ]) {
    await assert.rejects(call, { reason: "sql/pglite_closed" });
  }
  assert.ok(busy.broken !== undefined);
});

test("a caller whose context ends is let go while the database starts", async () => {
  await using b = await setup();
  const driver = pglite({ dir: b.dir });
  const ctx = withCancel(background);
  const connecting = assert.rejects(driver.connect(ctx), { code: "canceled" });
  ctx.cancel();
  await connecting;
  await driver.ping(background);
  await driver.close();
});

test("a second process on the directory is refused, by any path, until the first is killed", async () => {
  await using b = await setup();
  const child = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      program(`await driver.start(background); await driver.connect(background); console.log("up");`),
      b.dir,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const link = `${b.dir}-link`;
  const refused: Driver[] = [];
  await symlink(b.dir, link);
  for (const dir of [b.dir, link, join(b.dir, "..", "data")]) {
    const driver = pglite({ dir });
    refused.push(driver);
    await assert.rejects(driver.start(background), {
      reason: "sql/pglite_locked",
      code: "failed_precondition",
      message: new RegExp(`is in use by process ${child.pid}`),
    });
  }
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  // The same driver that was refused gets it now.
  const driver = refused[0]!;
  await driver.ping(background);
  await assert.rejects(pglite({ dir: b.dir }).start(background), { message: /is in use by this process/ });
  await driver.close();
  const again = pglite({ dir: b.dir });
  await again.start(background);
  await again.close();
});

test("a directory that holds something else is refused and left alone", async () => {
  await using b = await setup();
  await mkdir(b.dir);
  await writeFile(join(b.dir, "letter.txt"), "dear");
  await assert.rejects(pglite({ dir: b.dir }).start(background), { reason: "sql/pglite_dir" });
  assert.deepEqual(await readdir(b.dir), ["letter.txt"]);

  await rm(join(b.dir, "letter.txt"));
  await writeFile(join(b.dir, "PG_VERSION"), "17\n");
  await assert.rejects(pglite({ dir: b.dir }).start(background), {
    reason: "sql/pglite_version",
    message: /PostgreSQL 17/,
  });

  await writeFile(join(b.dir, "PG_VERSION"), "18\n");
  await assert.rejects(pglite({ dir: b.dir }).start(background), { reason: "sql/pglite_start" });
  // Only the lock has been given back: an empty directory can be used.
  await rm(join(b.dir, "PG_VERSION"));
  await rm(b.dir, { recursive: true });
  await mkdir(b.dir);
  const driver = pglite({ dir: b.dir });
  await driver.start(background);
  await driver.close();
});

const ENDINGS = [
  { name: "after close", body: `const c = await driver.connect(background); await c.close(); await driver.close();` },
  { name: "idle without close", body: `const c = await driver.connect(background); await c.close();` },
  { name: "started without a connection", body: `await driver.start(background);` },
  { name: "after a ping", body: `await driver.ping(background);` },
];

test("a process with nothing open ends by itself", async () => {
  for (const { name, body } of ENDINGS) {
    await using b = await setup();
    const { code, out } = await run(`${body} console.log("done");`, b.dir);
    assert.deepEqual({ code, out }, { code: 0, out: "done\n" }, name);
  }
});

test("a process with an open connection stays", async () => {
  await using b = await setup();
  const { code, out } = await run(
    `await driver.connect(background); process.on("beforeExit", () => console.log("would end"));
     setTimeout(() => process.exit(7), 300).unref();
     setTimeout(() => {}, 400);`,
    b.dir,
  );
  assert.deepEqual({ code, out }, { code: 7, out: "" });
});

test("ping obeys its context while a query has the thread", async () => {
  await using b = await setup();
  const driver = pglite({ dir: b.dir });
  const conn = await driver.connect(background);
  const busy = conn.query("select pg_sleep(0.5)", []);
  using ctx = withTimeout(background, 50);
  await assert.rejects(driver.ping(ctx), { code: "deadline_exceeded" });
  await busy;
  await driver.ping(background);
  await conn.close();
  await driver.close();
  assert.ok(existsSync(b.dir));
});
