import { existsSync } from "node:fs";
import path from "node:path";
import { type Ctx, withTimeout } from "millrace/context";
import { type Migration, down, loadMigrations, redo, status, up } from "millrace/migrate";
import type { Pool } from "millrace/sql";
import { FAILED, OK } from "../command.ts";
import type { Io } from "../io.ts";
import { UsageError } from "../usage.ts";
import { checkFiles, drift } from "./check.ts";
import { create } from "./create.ts";
import { openDatabase } from "./database.ts";
import { dryRun } from "./dry-run.ts";
import type { SubcommandName } from "./help.ts";
import type { Options } from "./options.ts";
import { count, reporter, showStates } from "./report.ts";

type Run = (ctx: Ctx, options: Options, io: Io) => Promise<number>;

/** COMMANDS is what each command of `millrace migrate` does. */
export const COMMANDS: Readonly<Record<SubcommandName, Run>> = {
  up: (ctx, options, io) =>
    withDatabase(ctx, options, io, async (ctx, pool, files) => {
      const done = await up(ctx, pool, files, { ...options, report: reporter(io) });
      if (options.dryRun) return show(io, dryRun(options, done, "up", await status(ctx, pool, files)));
      return show(io, done.length === 0 ? "nothing to do\n" : `${count(done.length)} applied\n`);
    }),
  down: (ctx, options, io) =>
    withDatabase(ctx, options, io, async (ctx, pool, files) => {
      const done = await down(ctx, pool, files, { ...options, report: reporter(io) });
      if (options.dryRun) return show(io, dryRun(options, done, "down", await status(ctx, pool, files)));
      return show(io, done.length === 0 ? "nothing to do\n" : `${count(done.length)} taken back\n`);
    }),
  redo: (ctx, options, io) =>
    withDatabase(ctx, options, io, async (ctx, pool, files) => {
      const done = await redo(ctx, pool, files, { ...options, report: reporter(io) });
      if (done === undefined) return show(io, "nothing to do\n");
      if (!options.dryRun) return OK;
      const states = await status(ctx, pool, files);
      return show(io, `${dryRun(options, [done], "down", states)}\n${dryRun(options, [done], "up", [])}`);
    }),
  status: (ctx, options, io) =>
    withDatabase(ctx, options, io, async (ctx, pool, files) => {
      const states = await status(ctx, pool, files);
      return show(io, showStates(states, options.json));
    }),
  create: async (_ctx, options, io) => show(io, `${await create(options, new Date())}\n`),
  check: async (ctx, options, io) => {
    checkFolder(options);
    const { migrations, problems } = await checkFiles(options.dir);
    for (const { message } of problems) io.stderr.write(`${message.replaceAll(options.dir, options.shownDir)}\n`);
    if (problems.length > 0) return FAILED;
    if (options.database === undefined) return show(io, `${count(migrations.length)} read\n`);
    return await withDatabase(ctx, options, io, async (ctx, pool, files) => {
      const states = await status(ctx, pool, files);
      const wrong = drift(states);
      for (const line of wrong) io.stderr.write(`${line}\n`);
      if (wrong.length > 0) return FAILED;
      const pending = states.filter(({ state }) => state === "pending").length;
      return show(io, `${count(files.length)} read, ${pending} pending; the database agrees with the rest\n`);
    });
  },
};

async function withDatabase(
  ctx: Ctx,
  options: Options,
  io: Io,
  fn: (ctx: Ctx, pool: Pool, files: readonly Migration[]) => Promise<number>,
): Promise<number> {
  checkFolder(options);
  const files = loadMigrations(options.dir);
  using within = options.timeoutMs === undefined ? undefined : withTimeout(ctx, options.timeoutMs);
  await using pool = await openDatabase(within ?? ctx, options.database, io);
  return await fn(within ?? ctx, pool, files);
}

function checkFolder({ dir, shownDir }: Options): void {
  if (!existsSync(dir)) throw new UsageError(`there is no folder ${path.normalize(shownDir)}; say where with --dir`);
}

function show(io: Io, text: string): number {
  io.stdout.write(text);
  return OK;
}
