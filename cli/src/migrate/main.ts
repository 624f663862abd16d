import { Failure } from "millrace/errors";
import { closest } from "../closest.ts";
import { FAILED, OK, USAGE } from "../command.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { UsageError } from "../usage.ts";
import { COMMANDS } from "./commands.ts";
import { redact } from "./database.ts";
import { explain } from "./explain.ts";
import { SUBCOMMANDS, type SubcommandName, help } from "./help.ts";
import { type Options, readOptions } from "./options.ts";

/** run is `millrace migrate`. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = args;
  const name = first !== undefined && Object.hasOwn(SUBCOMMANDS, first) ? (first as SubcommandName) : undefined;
  if (args.includes("--help") || args.includes("-h")) {
    io.stdout.write(help(name));
    return OK;
  }
  if (name === undefined) {
    const like = closest(first ?? "", Object.keys(SUBCOMMANDS));
    const hint = like === undefined ? "" : `; did you mean ${like}?`;
    io.stderr.write(first === undefined ? help() : `millrace migrate: there is no command "${first}"${hint}\n`);
    return USAGE;
  }
  return await runCommand(name, rest, io);
}

async function runCommand(name: SubcommandName, args: readonly string[], io: Io): Promise<number> {
  let options: Options | undefined;
  using interrupt = interruptible();
  try {
    options = readOptions(args, io, SUBCOMMANDS[name].flags);
    const [operand] = options.operands;
    if (name !== "create" && operand !== undefined) throw new UsageError(`what is "${operand}"?`);
    return await COMMANDS[name](interrupt.ctx, options, io);
  } catch (err) {
    if (err instanceof UsageError) {
      io.stderr.write(`millrace migrate ${name}: ${err.message}\n\`millrace migrate ${name} --help\` says more.\n`);
      return USAGE;
    }
    if (!(err instanceof Failure) || options === undefined) throw err;
    io.stderr.write(`${redact(explain(err, options), options.database)}\n`);
    return interrupt.exitCode ?? FAILED;
  }
}
