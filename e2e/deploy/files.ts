import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

/** STOREFRONT is the folder of the storefront, whose deploy files are tested here. */
export const STOREFRONT: string = join(import.meta.dirname, "../../storefront");

/** Json is what a file says, before anybody has looked at its shape. */
export type Json = Readonly<Record<string, unknown>>;

/** readFile reads a file of the storefront. */
export function readFile(path: string): string {
  return readFileSync(join(STOREFRONT, path), "utf8");
}

/** documents reads the documents of YAML files, by glob; a file that is no YAML 1.2 throws. */
export function documents(glob: string): readonly { readonly file: string; readonly content: Json }[] {
  return globSync(glob, { cwd: STOREFRONT })
    .toSorted()
    .flatMap((file) =>
      parseAllDocuments(readFile(file), { strict: true, uniqueKeys: true }).map((document) => {
        for (const problem of [...document.errors, ...document.warnings]) throw problem;
        // The caller holds it against a schema.
        return { file, content: document.toJS() as Json };
      }),
    );
}

/** at reads a value by its path; what is not there is undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found: unknown = value;
  // Reading a missing member of anything but null and undefined gives undefined.
  for (const step of path) found = (found as Readonly<Record<string | number, unknown>> | null | undefined)?.[step];
  return found;
}
