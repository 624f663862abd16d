import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { Failure } from "millrace/errors";
import type { QueryFile } from "./generate.ts";
import { HEADER } from "./render.ts";

/** Folders is where everything is, as it was given: relative to the working directory. */
export interface Folders {
  readonly migrations: string;
  readonly queries: string;
  readonly out: string;
}

/** readQueries reads every .sql file of a folder, by name. */
export function readQueries(cwd: string, { queries, out }: Folders): QueryFile[] {
  return filesIn(cwd, queries, "queries")
    .filter((file) => file.endsWith(".sql"))
    .map((file) => ({
      name: basename(file, ".sql"),
      file: join(queries, file),
      from: relative(join(cwd, out), join(cwd, queries, file)).replaceAll("\\", "/"),
      text: readFileSync(join(cwd, queries, file), "utf8")
        .replace(/^\uFEFF/, "")
        .replaceAll("\r\n", "\n"),
    }));
}

/**
 * readOutput reads what was generated before: the .ts files of a folder that begin with the header. A file of one of the
 * names that does not is not ours to overwrite: failed_precondition ("gen/not_generated").
 */
export function readOutput(dir: string, mine: Iterable<string>): Map<string, string> {
  const wanted = new Set(mine);
  const files = new Map<string, string>();
  for (const file of existing(dir).filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(join(dir, file), "utf8").replaceAll("\r\n", "\n");
    if (text.startsWith(HEADER)) files.set(file, text);
    else if (wanted.has(file)) {
      throw new Failure(`gen sql: ${join(dir, file)} was not generated and is not overwritten`, {
        code: "failed_precondition",
        reason: "gen/not_generated",
      });
    }
  }
  return files;
}

/** filesIn lists a folder that a flag names; none is invalid_argument ("gen/no_folder"). */
export function filesIn(cwd: string, folder: string, flag: string): string[] {
  const dir = join(cwd, folder);
  if (existsSync(dir)) return readdirSync(dir).toSorted();
  throw new Failure(`gen sql: there is no folder ${dir}: --${flag} says where it is`, {
    code: "invalid_argument",
    reason: "gen/no_folder",
  });
}

function existing(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).toSorted() : [];
}
