import { Failure } from "millrace/errors";
import { type Entry, FAILED, OK, USAGE } from "./command.ts";
import { closest } from "./closest.ts";
import type { Io } from "./io.ts";

/** Commands holds commands by name; a name may have two words ("gen sql"). */
export type Commands = Readonly<Record<string, Entry>>;

/** COMMANDS are those of `millrace`. */
export const COMMANDS: Commands = {
  migrate: { summary: "apply, take back and check database migrations", load: () => import("./migrate/main.ts") },
  "gen sql": {
    summary: "write typed functions for the queries in .sql files",
    load: () => import("./gen-sql/command.ts"),
  },
};

/**
 * main runs a command and gives the exit code: that of the command, 1 when it throws, or 2 when there is no such command.
 * What it is asked for goes to stdout, everything else to stderr. A Failure is shown as its message, which is meant for
 * whoever reads it; anything else is a defect and shown with its stack.
 */
export async function main(args: readonly string[], io: Io, commands: Commands = COMMANDS): Promise<number> {
  const asked = args[0] === "help" ? args.slice(1) : args;
  for (const words of [2, 1]) {
    const name = asked.slice(0, words).join(" ");
    const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (entry === undefined) continue;
    try {
      const command = await entry.load();
      return await command.run(asked === args ? args.slice(words) : ["--help"], io);
    } catch (err) {
      io.stderr.write(`${explain(err)}\n`);
      return FAILED;
    }
  }
  const first = asked[0];
  if (first === undefined || first === "--help" || first === "-h") {
    (args.length === 0 ? io.stderr : io.stdout).write(help(commands));
    return args.length === 0 ? USAGE : OK;
  }
  const names = Object.keys(commands);
  const group = names.filter((name) => name.startsWith(`${first} `));
  const what = group.length > 0 ? asked.slice(0, 2).join(" ") : first;
  const like = closest(what, group.length > 0 ? group : names);
  const hint = like === undefined ? group.join(", ") : like;
  io.stderr.write(`millrace: there is no command "${what}"${hint === "" ? "" : `; did you mean ${hint}?`}\n`);
  io.stderr.write("`millrace --help` lists them all.\n");
  return USAGE;
}

function explain(err: unknown): string {
  if (err instanceof Failure) return err.message;
  return err instanceof Error ? (err.stack ?? err.message) : String(err);
}

function help(commands: Commands): string {
  const width = Math.max(0, ...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: millrace COMMAND [ARGUMENTS]

Commands:
${lines.join("\n")}

\`millrace COMMAND --help\` says more.
`;
}
