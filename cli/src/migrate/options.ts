import path from "node:path";
import { parseArgs } from "node:util";
import { Secret } from "millrace/secret";
import { parseDuration } from "millrace/time";
import type { Io } from "../io.ts";
import { UsageError } from "../usage.ts";

/** Options is what the arguments of a migrate command say. */
export interface Options {
  /** operands is what stands beside the flags. */
  readonly operands: readonly string[];
  /** dir is the folder of the migrations: absolute, and as it is shown. */
  readonly dir: string;
  readonly shownDir: string;
  readonly database: Secret<string> | undefined;
  readonly timeoutMs: number | undefined;
  readonly to: bigint | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly outOfOrder: boolean;
  readonly inDoubt: "done" | "again" | undefined;
  readonly type: "sql" | "ts";
  readonly timestamp: boolean;
}

const FLAGS = {
  dir: { type: "string", default: "db/migrations" },
  database: { type: "string" },
  timeout: { type: "string" },
  to: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  "out-of-order": { type: "boolean", default: false },
  "in-doubt": { type: "string" },
  type: { type: "string", default: "sql" },
  timestamp: { type: "boolean", default: false },
} as const;

/** Flag is the name of a flag. */
export type Flag = keyof typeof FLAGS;

/** readOptions reads the arguments of a command that takes some of the flags; what it does not take is a UsageError. */
export function readOptions(args: readonly string[], io: Io, flags: readonly Flag[]): Options {
  const { values, positionals } = parse(args, flags);
  const { "dry-run": dryRun, "out-of-order": outOfOrder, json, timestamp } = values;
  const database = values.database ?? (io.env["DATABASE_URL"] || undefined);
  return {
    operands: positionals,
    dir: path.resolve(io.cwd, values.dir),
    shownDir: values.dir,
    database: database === undefined ? undefined : new Secret(database),
    timeoutMs: values.timeout === undefined ? undefined : duration(values.timeout),
    to: values.to === undefined ? undefined : version(values.to),
    inDoubt: values["in-doubt"] === undefined ? undefined : oneOf("--in-doubt", values["in-doubt"], ["done", "again"]),
    type: oneOf("--type", values.type, ["sql", "ts"]),
    dryRun,
    outOfOrder,
    json,
    timestamp,
  };
}

// All flags are known to the parser, so that the types are; those that the command does not take are refused here.
function parse(args: readonly string[], flags: readonly Flag[]) {
  try {
    const parsed = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true, tokens: true });
    for (const token of parsed.tokens) {
      if (token.kind === "option" && !flags.some((flag) => flag === token.name)) {
        throw new UsageError(`${token.rawName} is not for this command`);
      }
    }
    return parsed;
  } catch (err) {
    if (err instanceof TypeError) throw new UsageError(err.message.split(". ")[0]);
    throw err;
  }
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw new UsageError(`--timeout ${text}: give a time like 30s or 5m`);
  }
}

function version(text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text);
  throw new UsageError(`--to ${text}: give a version, the number that a file's name starts with`);
}

function oneOf<const T extends string>(flag: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`${flag} ${text}: give ${words.join(" or ")}`);
}
