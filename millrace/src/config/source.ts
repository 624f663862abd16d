import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { parseJson } from "./json-file.ts";

/** Found is the text of a variable and where it came from: "environment", the name of a file, the parts of a URL. */
export interface Found {
  readonly text: string;
  readonly from: string;
}

/** Source is a set of variables. */
export interface Source {
  readonly name: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** lookUp finds a variable in the first source that has it; an empty one counts as missing. */
export function lookUp(sources: readonly Source[], variable: string): Found | undefined {
  for (const { name, variables } of sources) {
    const text = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
    if (text !== undefined && text !== "") return { text, from: name };
  }
  return undefined;
}

/**
 * readFile reads a file of NAME=value lines, or of JSON if it ends in .json. One that does not exist is empty; throws if
 * it cannot be read.
 */
export function readFile(path: string): Source {
  if (/\.ya?ml$/i.test(path)) throw new Error("YAML is not read: want .json, or NAME=value lines");
  try {
    const text = readFileSync(path, "utf8");
    return { name: path, variables: /\.json$/i.test(path) ? parseJson(text) : parseEnv(text) };
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "ENOENT") throw err;
    return { name: path, variables: {} };
  }
}
