import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type Ctx, background, withTimeout } from "millrace/context";
import { type Pool, openPool } from "millrace/sql";
import { postgres } from "millrace/sql/postgres";
import { createDatabase, serverUrl } from "../../../millrace/src/sql/testing/database.ts";

const PROCESSES = 16;
const ROUNDS = 8;
const ROUND_MS = 120_000;
const PHASES: readonly RegExp[] = [
  /./,
  /select pg_sleep/,
  /generate_series/,
  /insert into effects values/,
  /update t/,
  /create index concurrently one/,
  /./,
  /create unique index concurrently two/,
  /./,
];
const HOLDER = `
  select a.application_name as name, split_part(a.query, '(', 1) as query from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and a.datname = current_database() and a.application_name like 'run%'`;
const MAIN = join(import.meta.dirname, "../../bin/millrace.js");

// Each leaves a row in `effects` every time that it takes effect.
const FILES: Readonly<Record<string, string>> = {
  "00001_effects.sql":
    "-- +goose Up\ncreate table effects (who text);\ncreate table t (n int);\ninsert into effects values ('1');\n",
  "00002_slow.sql":
    "-- +goose Up\ninsert into effects values ('2');\nselect pg_sleep(0.5);\ninsert into t select * from generate_series(1, 200000);\n",
  "00003_code.ts": `
import { sleep } from "millrace/context";
import type { Ctx } from "millrace/context";
import type { Tx } from "millrace/sql";
export async function up(ctx: Ctx, tx: Tx): Promise<void> {
  await tx.exec(ctx, "insert into effects values ('3')");
  await sleep(ctx, 200);
  await tx.exec(ctx, "update t set n = -n where abs(n) <= 1000");
}
`,
  "00004_index.sql": `-- +goose NO TRANSACTION
-- +goose Up
create table if not exists four (n int);
create index concurrently one on t (n);
vacuum t;
create unique index concurrently two on t (n, (n + 1));
`,
  "00005_last.sql": "-- +goose Up\ninsert into effects values ('5');\n",
};

const server = serverUrl();

// Kills land everywhere: before the lock, in a transaction, in a build of an index, between two statements. Whoever is
// left applies the rest; nothing is applied twice, and nothing has to be said by hand.
test(
  "sixteen processes at once, some of them killed: each migration is applied exactly once",
  {
    skip: server === undefined ? "needs DATABASE_URL" : false,
  },
  async (t) => {
    const dir = await mkdtemp(join(tmpdir(), "millrace-crash-"));
    t.after(() => rm(dir, { recursive: true }));
    for (const [name, content] of Object.entries(FILES)) await writeFile(join(dir, name), content);
    // Beside the files is what they import.
    await symlink(join(import.meta.dirname, "../../../node_modules"), join(dir, "node_modules"));
    const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
    const random = mulberry(seed);
    t.diagnostic(`SEED=${seed}`);
    const killed: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await using owned = new AsyncDisposableStack();
      using ctx = withTimeout(background, ROUND_MS);
      const url = await createDatabase(server!, owned);
      const pool = owned.use(await openPool(ctx, postgres(url), { maxConns: 1 }));
      killed.push(...(await oneRound(ctx, dir, url, pool, random)));
      await checkEffects(ctx, pool, `round ${round}, SEED=${seed}`);
    }
    for (const [query, those] of Map.groupBy(killed, (query) => query))
      t.diagnostic(`killed ${those.length}: ${query}`);
    assert.ok(killed.length > ROUNDS, "too few kills to prove anything");
  },
);

/** oneRound starts the processes, kills some who work, and afterwards runs one more that has to end well. */
async function oneRound(ctx: Ctx, dir: string, url: string, pool: Pool, random: () => number): Promise<string[]> {
  await using owned = new AsyncDisposableStack();
  const children = new Map<string, ChildProcess>();
  let running = PROCESSES;
  const runs = Array.from({ length: PROCESSES }, async (_, i) => {
    const { child, ended } = start(dir, url, `run${i}`);
    owned.defer(() => void child.kill("SIGKILL"));
    children.set(`run${i}`, child);
    const { code, signal, err } = await ended;
    running--;
    if (signal !== "SIGKILL") assert.equal(code, 0, err);
  });
  const all = Promise.all(runs);
  const killed: string[] = [];
  // In the order in which they come; the first is whatever runs.
  for (const phase of PHASES.filter(() => random() < 0.6)) {
    while (running > 0) {
      await Promise.race([all, setTimeout(2 + random() * 20)]);
      const [holder] = await pool.many<{ name: string; query: string }>(ctx, HOLDER);
      const child = children.get(holder?.name ?? "");
      if (holder === undefined || child === undefined || child.signalCode !== null || !phase.test(holder.query))
        continue;
      if (child.kill("SIGKILL")) killed.push(holder.query);
      break;
    }
  }
  await all;
  const { code, err } = await start(dir, url, "last").ended;
  assert.equal(code, 0, err);
  return killed;
}

async function checkEffects(ctx: Ctx, pool: Pool, where: string): Promise<void> {
  const history = await pool.many(
    ctx,
    "select version_id::int as version, count(*)::int as n from goose_db_version where version_id > 0 and is_applied group by 1 order by 1",
  );
  assert.deepEqual(
    history,
    [1, 2, 3, 4, 5].map((version) => ({ version, n: 1 })),
    where,
  );
  const effects = await pool.many(ctx, "select who, count(*)::int as n from effects group by 1 order by 1");
  assert.deepEqual(
    effects,
    ["1", "2", "3", "5"].map((who) => ({ who, n: 1 })),
    where,
  );
  const { n, moved } = await pool.one(
    ctx,
    "select count(*)::int as n, count(*) filter (where n < 0)::int as moved from t",
  );
  assert.deepEqual([n, moved], [200_000, 1000], where);
  const indexes = await pool.many(
    ctx,
    "select relname as name, indisvalid as valid from pg_index join pg_class c on c.oid = indexrelid where indrelid = 't'::regclass order by 1",
  );
  assert.deepEqual(
    indexes,
    [
      { name: "one", valid: true },
      { name: "two", valid: true },
    ],
    where,
  );
  assert.deepEqual(await pool.one(ctx, "select to_regclass('millrace_migration_progress') as left"), { left: null });
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly err: string }>;
}

function start(dir: string, url: string, name: string): Run {
  const child = spawn(process.execPath, [MAIN, "migrate", "up", "--dir", dir], {
    env: { ...process.env, DATABASE_URL: `${url}?application_name=${name}` },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = text(child.stderr);
  const ended = once(child, "exit").then(async ([code, signal]) => ({ code, signal, err: await said }));
  return { child, ended };
}

/** mulberry is a small generator, so that a round can be run again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x ^= x + Math.imul(x ^ (x >>> 7), 61 | x);
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}
