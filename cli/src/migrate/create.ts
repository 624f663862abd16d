import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "../usage.ts";
import type { Options } from "./options.ts";

const SQL = `-- +goose Up

-- +goose Down
`;

const TS = `import type { Ctx } from "millrace/context";
import type { Tx } from "millrace/sql";

export async function up(ctx: Ctx, tx: Tx): Promise<void> {
}

export async function down(ctx: Ctx, tx: Tx): Promise<void> {
}
`;

// YYYYMMDDHHMMSS, as goose writes it, and the digits of a first sequential number.
const TIMESTAMP = 14;
const SEQUENTIAL = 5;

/** create writes an empty migration after the last one, numbered as the folder is, and gives its name. */
export async function create(options: Options, now: Date): Promise<string> {
  const name = snakeCase(options.operands[0] ?? "");
  if (name === "" || options.operands.length > 1) throw new UsageError("give one name, like add_users");
  await mkdir(options.dir, { recursive: true });
  const numbers = (await readdir(options.dir)).flatMap((file) => /^(\d+)_.+\.(?:sql|ts)$/.exec(file)?.[1] ?? []);
  const version = nextVersion(numbers, options.timestamp, now);
  const file = `${version}_${name}.${options.type}`;
  // Never over a file that is there.
  await writeFile(path.join(options.dir, file), options.type === "sql" ? SQL : TS, { flag: "wx" });
  return path.join(options.shownDir, file);
}

/** nextVersion numbers the next migration: in sequence, or by the second when the last one is or when that is wanted. */
export function nextVersion(numbers: readonly string[], timestamp: boolean, now: Date): string {
  const last = numbers.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)).at(-1);
  const stamp = now.toISOString().replaceAll(/\D/g, "").slice(0, TIMESTAMP);
  if (timestamp || last?.length === TIMESTAMP) {
    // Two within a second, or a clock that was wrong: still after the last one.
    return last === undefined || BigInt(stamp) > BigInt(last) ? stamp : String(BigInt(last) + 1n);
  }
  return String(BigInt(last ?? 0) + 1n).padStart(last?.length ?? SEQUENTIAL, "0");
}

function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}
