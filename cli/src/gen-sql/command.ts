import { join } from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "millrace/errors";
import { FAILED, OK, USAGE } from "../command.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { apply, changesOf, summary } from "./changes.ts";
import { MigrationError } from "./database.ts";
import { type Folders, readOutput } from "./folder.ts";
import { type Problem, formatProblem } from "./problem.ts";
import { Project } from "./project.ts";
import { changesIn } from "./watch.ts";

const HELP = `Usage: millrace gen sql [--check] [--lint] [--watch]

Writes a typed function for each annotated query. The schema comes from the migrations, which are applied to an embedded
PostgreSQL: no server is needed.

  --migrations DIR  migrations in goose's format (db/migrations)
  --queries DIR     .sql files of queries (db/queries)
  --out DIR         where the modules go (db/gen)
  --check           write nothing, and fail if a module is not what it ought to be
  --lint            also fail on queries that will hurt on large tables
  --watch           go on, and write again after each change

millrace.json, section gen.sql, holds types of your own for columns.
`;

/** Options are the flags of the command. */
export interface Options extends Folders {
  readonly check: boolean;
  readonly lint: boolean;
  readonly watch: boolean;
  readonly help: boolean;
}

/** run is `millrace gen sql`. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let options: Options;
  try {
    options = parse(args);
  } catch (err) {
    // parseArgs throws TypeErrors that begin with what is wrong.
    if (!(err instanceof TypeError)) throw err;
    io.stderr.write(`millrace gen sql: ${err.message.split(". ")[0]!}\n\`millrace gen sql --help\` says more.\n`);
    return USAGE;
  }
  if (options.help) {
    io.stdout.write(HELP);
    return OK;
  }
  using interrupt = interruptible();
  await using project = new Project(io.cwd, options);
  const code = await (options.watch ? follow(project, options, io, interrupt.ctx.signal) : once(project, options, io));
  return interrupt.exitCode ?? code;
}

/** follow generates, and again after each change until the signal. @internal */
export async function follow(project: Project, options: Options, io: Io, signal: AbortSignal): Promise<number> {
  // Watched before the first generation: no change falls in between.
  const changes = changesIn(io.cwd, options, signal);
  for (let next = changes.next(); !signal.aborted; next = changes.next()) {
    const start = performance.now();
    try {
      const code = await once(project, options, io);
      if (code === OK) io.stderr.write(`millrace gen sql: ${Math.round(performance.now() - start)} ms\n`);
    } catch (err) {
      // What the next change may mend: a migration that cannot be read, for example.
      if (!(err instanceof Failure)) throw err;
      io.stderr.write(`${err.message}\n`);
    }
    await next;
  }
  return OK;
}

function parse(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      migrations: { type: "string", default: "db/migrations" },
      queries: { type: "string", default: "db/queries" },
      out: { type: "string", default: "db/gen" },
      check: { type: "boolean", default: false },
      lint: { type: "boolean", default: false },
      watch: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  return values;
}

async function once(project: Project, { migrations, out, check, lint }: Options, io: Io): Promise<number> {
  try {
    const generated = await project.generate();
    if (generated.problems.length > 0) return show(generated.problems, io);

    const { files } = generated;
    const changes = changesOf(readOutput(join(io.cwd, out), files.keys()), files);
    if (!check) await apply(changes, join(io.cwd, out));
    io.stderr.write(summary(changes, out));
    if (check && changes.length > 0) io.stderr.write("millrace gen sql: run it without --check\n");
    const findings = lint ? await project.lint(generated) : [];
    return show(findings, io) === FAILED || (check && changes.length > 0) ? FAILED : OK;
  } catch (err) {
    if (!(err instanceof MigrationError)) throw err;
    io.stderr.write(`${join(migrations, err.file)}:${err.line}: ${err.message}\n`);
    return FAILED;
  }
}

function show(problems: readonly Problem[], io: Io): number {
  for (const problem of problems) io.stderr.write(formatProblem(problem));
  return problems.length > 0 ? FAILED : OK;
}
