import { join } from "node:path";
import type { Bench, Case, Subject } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { goSubject, nodeSubject } from "../lib/subject.ts";
import { databaseUrl } from "./database.ts";

const dir = join(import.meta.dirname, "subjects");

/** on gives a subject the bench's database, which is started when the first one needs it. */
function on(subject: Subject): Subject {
  return {
    name: subject.name,
    async prepare() {
      const command = await subject.prepare();
      return "missing" in command
        ? command
        : { ...command, env: { ...command.env, DATABASE_URL: await databaseUrl() } };
    },
  };
}

type Make = (env: Readonly<Record<string, string>>) => Subject;
const node =
  (name: string, env: Readonly<Record<string, string>> = {}): Make =>
  (more) =>
    on(nodeSubject(name, join(dir, `${name.replace(/-pipelined$/, "")}.ts`), { ...env, ...more }));
const millrace = node("millrace");
const pg = node("pg");
const postgresJs = node("postgres.js");
const drizzle = node("drizzle");
const prisma = node("prisma");
const pgx: Make = (env) => on(goSubject("pgx", join(dir, "pgx"), env));
const pgxPipelined: Make = (env) => on(goSubject("pgx-pipelined", join(dir, "pgx"), { ...env, PIPELINED: "sync" }));
const pgxBatch: Make = (env) => on(goSubject("pgx-batch", join(dir, "pgx"), { ...env, PIPELINED: "batch" }));
// The same subject, told to pipeline: millrace over 4 lanes, pg over 4 clients of its own pipeline mode.
const PIPELINED = { PIPELINED: "1" };
const millracePipelined: Make = (env) =>
  on(nodeSubject("millrace", join(dir, "millrace.ts"), { ...PIPELINED, ...env }));
const pgPipelined = node("pg-pipelined", PIPELINED);

const everybody = [millrace, pg, postgresJs, drizzle, prisma, pgx];
const pipelining = [millracePipelined, pg, pgPipelined, postgresJs, pgx, pgxPipelined, pgxBatch];
const copying = [millrace, pg, postgresJs, pgx];

/** ops is a case in operations per CPU second of the client; `latency` is the same load, and what 1 % waits longer than. */
const ops = (name: string, makes: readonly Make[]): Case =>
  kernelCase({ name, unit: "ops/cpu-s", better: "higher", subjects: makes.map((make) => make({ CASE: name })) });
const latency = (name: string, makes: readonly Make[]): Case =>
  kernelCase({
    name: `${name}-p99`,
    unit: "ms",
    better: "lower",
    subjects: makes.map((make) => make({ CASE: name, METRIC: "p99" })),
  });

/**
 * A client of a real PostgreSQL over TCP: 64 callers at once over a pool of 10 connections, statements prepared, each
 * answer checked. The server is one and the same for all, without fsync: the client is what is measured.
 */
export const bench: Bench = {
  name: "sql",
  cases: [
    ops("point-select-64", everybody),
    latency("point-select-64", everybody),
    ops("point-select-64-pipelined", pipelining),
    latency("point-select-64-pipelined", pipelining),
    ops("insert", everybody),
    ops("list-20", everybody),
    ops("transaction", everybody),
    ops("copy", copying),
  ],
};
