import type { Io } from "./io.ts";

/** Command is a module of the command line. */
export interface Command {
  /** run does the work, with what stands after the command's name, and gives the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** Entry is a command in the table of main.ts. */
export interface Entry {
  /** summary is its line in the help. */
  readonly summary: string;
  /** load imports the command's module: only when it is asked for, because some are heavy. */
  load(): Promise<Command>;
}

/** OK, FAILED and USAGE are the exit codes that all commands share; a command may document more. */
export const OK = 0;
export const FAILED = 1;
export const USAGE = 2;
