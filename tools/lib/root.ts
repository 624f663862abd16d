import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

/** ROOT is the repository's folder. */
export const ROOT: string = join(import.meta.dirname, "../..");

/** filesOf lists files by glob, relative to the root with "/" between folders, in order; never what npm or tsc wrote. */
export function filesOf(...patterns: string[]): string[] {
  const exclude = (name: string): boolean => ["node_modules", "dist", ".git"].includes(name.split(sep).at(-1) ?? "");
  const found = globSync(patterns, { cwd: ROOT, exclude });
  return found.map((file) => file.replaceAll(sep, "/")).toSorted();
}

/** read reads a file of the repository. */
export function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** finish prints what a check found and ends the process: quiet and 0 when that is nothing. */
export function finish(check: string, problems: readonly string[]): never {
  for (const problem of problems) console.error(`${check}: ${problem}`);
  process.exit(problems.length === 0 ? 0 : 1);
}
