import { ConfigFailure } from "../config/index.ts";
import { maskUrls } from "../secret/mask-urls.ts";

/** EX_CONFIG is the exit code for a bad configuration. Source: sysexits.h */
const EX_CONFIG = 78;

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "Another process listens on that address: stop it, or choose another one.",
  EADDRNOTAVAIL: "This machine does not have that address.",
  EACCES: "This user may not do that; a port below 1024 needs rights, and so does a file of somebody else.",
  ECONNREFUSED: "Nothing listens at that address: is it started, and is the address right?",
  ENOTFOUND: "That host name does not resolve: is it right?",
  ENOENT: "That file does not exist: is the path right, and the working directory?",
  EMFILE: "Too many open files: raise the limit (ulimit -n).",
  ERR_MODULE_NOT_FOUND: "A package or file is missing: run npm install.",
};

/** exitCode is what the process ends with after an error: 78 for a bad configuration, else 1. */
export function exitCode(err: unknown): number {
  return [...chain(err)].some((e) => e instanceof ConfigFailure) ? EX_CONFIG : 1;
}

/**
 * explain is an error on one screen for whoever started the process: its message, those of its causes as far as they
 * say more, and a hint where one is known. The stack is for who asked for it, and where no log has it.
 */
export function explain(err: unknown, options: { readonly stack: boolean }): string {
  const errors = [...chain(err)];
  const config = errors.find((e) => e instanceof ConfigFailure);
  if (config !== undefined) return `${config.message}\n`;
  const lines: string[] = [];
  for (const each of errors) {
    const message = each instanceof Error ? each.message || each.name : String(each);
    if (lines.some((line) => line.includes(message))) continue;
    lines.push(`${lines.length === 0 ? "error" : "  because"}: ${message}`);
  }
  const hint = errors.map((e) => HINTS[codeOf(e)]).find((text) => text !== undefined);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  if (!options.stack) lines.push("(DEBUG=1 shows the stack.)");
  else for (const each of errors) if (each instanceof Error) lines.push("", each.stack ?? each.message);
  return maskUrls(`${lines.join("\n")}\n`);
}

// The error, its causes and the members of those that are several, each once.
function* chain(root: unknown): Generator {
  const seen = new Set<unknown>();
  const queue = [root];
  while (queue.length > 0 && seen.size < 32) {
    const err = queue.shift();
    if (seen.has(err)) continue;
    seen.add(err);
    yield err;
    if (err instanceof AggregateError) queue.push(...(err.errors as unknown[]));
    if (err instanceof Error && err.cause !== undefined) queue.push(err.cause);
  }
}

function codeOf(err: unknown): string {
  return err instanceof Error && "code" in err ? String(err.code) : "";
}
