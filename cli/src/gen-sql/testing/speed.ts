import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Project } from "../project.ts";

// How long `gen sql` takes for 10 tables and 100 queries, in a process that has just started, and again after a change:
//     node --conditions=@millrace/source cli/src/gen-sql/testing/speed.ts
// Prints one line of JSON: milliseconds from the start of the process, and of its processors, which noise touches less.

const TABLES = 10;

const dir = await mkdtemp(join(tmpdir(), "millrace-speed-"));
try {
  await write(dir);
  const folders = { migrations: "db/migrations", queries: "db/queries", out: "db/gen" };
  await using project = new Project(dir, folders);
  const first = await project.generate();
  const cold = now();
  await writeFile(join(dir, "db/queries/t3.sql"), queries(3).replace("limit 50", "limit 60"));
  const second = await project.generate();
  const warm = now();
  if (first.problems.length + second.problems.length > 0 || second.models.length !== 10 * TABLES)
    throw new Error(`${second.models.length} queries, ${first.problems[0]?.message}`);
  console.log(JSON.stringify({ cold, warm: { ms: warm.ms - cold.ms, cpuMs: warm.cpuMs - cold.cpuMs } }));
} finally {
  await rm(dir, { recursive: true });
}

function now(): { readonly ms: number; readonly cpuMs: number } {
  const { user, system } = process.cpuUsage();
  return { ms: Math.round(performance.now()), cpuMs: Math.round((user + system) / 1000) };
}

async function write(dir: string): Promise<void> {
  await mkdir(join(dir, "db/migrations"), { recursive: true });
  await mkdir(join(dir, "db/queries"));
  const numbers = Array.from({ length: TABLES }, (_, i) => i);
  const tables = numbers.map(
    (i) => `create table t${i} (id bigint primary key, owner_id bigint not null references t0 (id), name text not null,
      total numeric(20, 4), tags text[] not null, at timestamptz not null);
create index on t${i} (owner_id);`,
  );
  await writeFile(join(dir, "db/migrations/00001_tables.sql"), `-- +goose Up\n${tables.join("\n")}\n`);
  await Promise.all(numbers.map((i) => writeFile(join(dir, `db/queries/t${i}.sql`), queries(i))));
}

function queries(i: number): string {
  const forms = [
    `:one\nselect id, owner_id, name, total, tags, at from t${i} where id = @id`,
    `:maybe\nselect id, name from t${i} where owner_id = @owner_id and name = @name limit 1`,
    `:many\nselect id, name, total from t${i} where owner_id = @owner_id and id > @after order by id limit 50`,
    `:many\nselect t.id, sqlc.embed(o) from t${i} t left join t0 o on o.id = t.owner_id where t.id in (sqlc.slice(ids))`,
    `:one\nselect count(*) as n, sum(total) as sum from t${i} where at between @since and @until`,
    `:exec\ninsert into t${i} (id, owner_id, name, total, tags, at) values (@id, @owner_id, @name, @total, @tags, @at)`,
    `:execrows\nupdate t${i} set name = coalesce(sqlc.narg(name), name) where id = @id`,
    `:one\nupdate t${i} set total = @total where id = @id returning id, total, at`,
    `:execrows\ndelete from t${i} where id = any(@ids::bigint[])`,
    `:many\nwith busy as (select owner_id as who, count(*) n from t${i} group by owner_id) select o.name, n from busy join t0 o on o.id = who where n > @least`,
  ];
  return forms.map((form, n) => `-- name: T${i}Q${n} ${form};\n`).join("\n");
}
