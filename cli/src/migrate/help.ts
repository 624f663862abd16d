import type { Flag } from "./options.ts";

/** SubcommandName is one of `millrace migrate`. */
export type SubcommandName = "up" | "down" | "redo" | "status" | "create" | "check";

/** Subcommand is what its help says, and what it takes. */
export interface Subcommand {
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
}

const FLAGS: Readonly<Record<Flag, readonly [string, string]>> = {
  dir: ["--dir FOLDER", "where the migrations are (db/migrations)"],
  database: ["--database URL", "postgres://user:password@host/name or pglite:FOLDER (DATABASE_URL)"],
  timeout: ["--timeout TIME", "give up after this long, like 30s or 5m (no limit)"],
  to: ["--to VERSION", "up: the last version to apply; down: take back all above it, 0 for all"],
  "dry-run": ["--dry-run", "print what would run, and change nothing"],
  json: ["--json", "print JSON"],
  "out-of-order": ["--out-of-order", "apply pending migrations below applied ones too"],
  "in-doubt": ["--in-doubt done|again", "how a statement ended that was running when an earlier run was killed"],
  type: ["--type sql|ts", "what to write (sql)"],
  timestamp: ["--timestamp", "number it by the time, in an empty folder or for the first time"],
};

const DATABASE: readonly Flag[] = ["dir", "database", "timeout"];

/** SUBCOMMANDS are those of `millrace migrate`, with what each takes. */
export const SUBCOMMANDS: Readonly<Record<SubcommandName, Subcommand>> = {
  up: {
    usage: "up",
    summary: "apply what is pending",
    flags: [...DATABASE, "to", "dry-run", "out-of-order", "in-doubt"],
  },
  down: {
    usage: "down",
    summary: "take back the last one, or all above --to",
    flags: [...DATABASE, "to", "dry-run", "in-doubt"],
  },
  redo: {
    usage: "redo",
    summary: "take back the last one and apply it again",
    flags: [...DATABASE, "dry-run", "in-doubt"],
  },
  status: { usage: "status", summary: "list the migrations and how each stands", flags: [...DATABASE, "json"] },
  create: { usage: "create NAME", summary: "write an empty migration", flags: ["dir", "type", "timestamp"] },
  check: {
    usage: "check",
    summary: "read all files, and compare them with the database if one is given",
    flags: DATABASE,
  },
};

/** help is the text of `millrace migrate --help`, or of one of its commands. */
export function help(name?: SubcommandName): string {
  if (name !== undefined) {
    const { usage, summary, flags } = SUBCOMMANDS[name];
    return `Usage: millrace migrate ${usage} [OPTIONS]\n\n${sentence(summary)}\n\nOptions:\n${table(flags.map((flag) => FLAGS[flag]))}`;
  }
  const commands = Object.values(SUBCOMMANDS).map(({ usage, summary }): [string, string] => [usage, summary]);
  return `Usage: millrace migrate COMMAND [OPTIONS]

Commands:
${table(commands)}
Options:
${table(Object.values(FLAGS))}
Exit codes: 0 done; 1 failed, or check found something; 2 called wrongly; 130 and 143 interrupted.
A migration is a file in goose's format, 00001_add_users.sql, or a program, 00002_fill.ts.
`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}
