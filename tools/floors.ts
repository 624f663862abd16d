import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { CLI, type Folder, STOREFRONT, TOOLKIT } from "./lib/floor-table.ts";
import { type Import, importsOf } from "./lib/imports.ts";
import { ROOT, filesOf, finish, read } from "./lib/root.ts";

/** PEERS are the optional peer dependencies of the toolkit: whoever imports the toolkit may not have them. */
const PEERS: readonly string[] = Object.keys(JSON.parse(read("millrace/package.json")).peerDependencies);
const PEER_FLOOR = 8;

/** COMPUTED are the files that import what they are told, with the record that says why. */
const COMPUTED: Readonly<Record<string, string>> = {
  "millrace/src/migrate/code.ts": "docs/adr/0025-migrations-in-typescript-and-half-done.md",
};

/** violations says what is wrong with the imports of one file; an empty list is right. */
export function violations(file: string, source: string): string[] {
  if (/\.(test|bench)\.ts$/.test(file) || /(^|\/)testing\//.test(file)) return [];
  const check = file.startsWith("millrace/src/")
    ? tree(file, "millrace/src", TOOLKIT)
    : file.startsWith("cli/src/")
      ? tree(file, "cli/src", CLI)
      : file.startsWith("storefront/")
        ? storefront(file)
        : other;
  if (typeof check === "string") return [`${file}: ${check}`];
  return importsOf(file, source).flatMap((found) => {
    const problem = common(file, found) ?? check(found, resolve(file, found));
    return problem === undefined ? [] : [`${file}:${found.line}: ${problem}`];
  });
}

type Check = (found: Import, target: string | undefined) => string | undefined;

/** resolve turns a relative specifier into a path from the root; other specifiers have none. */
function resolve(file: string, { specifier }: Import): string | undefined {
  return specifier?.startsWith(".") ? posix.join(posix.dirname(file), specifier) : undefined;
}

/** common holds for all files: what is computed cannot be checked, and one's own index is a cycle. */
function common(file: string, found: Import): string | undefined {
  const target = resolve(file, found);
  // A package's generator or runner may load files by name; the toolkit and the storefront may not.
  if (found.specifier === undefined)
    return /^(millrace|storefront)\//.test(file) && !(file in COMPUTED && existsSync(join(ROOT, COMPUTED[file]!)))
      ? "imports a computed name"
      : undefined;
  if (/^(\/|file:|data:|#)/.test(found.specifier))
    return `imports ${found.specifier}: use a relative path or a package`;
  if (target === `${posix.dirname(file)}/index.ts`) return "imports its own folder's index: import the file itself";
  return undefined;
}

type Table = Readonly<Record<string, Folder>>;

/** tree is for the toolkit and the command line, whose folders have floors. */
function tree(file: string, root: string, table: Table): Check | string {
  const name = folderOf(file.slice(root.length + 1), table);
  if (name === undefined) return "is in no folder of the floors' table (tools/lib/floor-table.ts)";
  const folder = table[name]!;
  return ({ specifier }, target) => {
    if (specifier === undefined) return undefined;
    if (target === undefined) return outside(name, folder, specifier, root);
    if (!target.startsWith(`${root}/`)) return `imports ${specifier}, outside of ${root}`;
    const other = folderOf(target.slice(root.length + 1), table);
    if (other === name) return undefined;
    if (other === undefined) return `imports ${specifier}, which is in no folder of the floors' table`;
    return higher(name, folder, other, table[other]!.floor);
  };
}

function higher(name: string, folder: Folder, other: string, floor: number): string | undefined {
  if (floor < folder.floor) return undefined;
  const record = folder.sameFloor?.[other];
  if (floor === folder.floor && record !== undefined) {
    return existsSync(join(ROOT, record))
      ? undefined
      : `imports ${other} on the same floor; its record ${record} is missing`;
  }
  return `${name} (floor ${folder.floor}) imports ${other} (floor ${floor}): only lower floors`;
}

function outside(name: string, folder: Folder, specifier: string, root: string): string | undefined {
  if (specifier.startsWith("node:")) {
    return folder.node?.includes(specifier.slice(5)) ? undefined : `${name} may not use ${specifier}`;
  }
  const used = packageOf(specifier);
  if (used === "millrace" && root === "millrace/src") return `imports ${specifier}: use a relative path`;
  if (PEERS.includes(used) && folder.floor < PEER_FLOOR) return `${name} may not use the optional peer ${used}`;
  return folder.packages?.includes(used) ? undefined : `${name} may not use the package ${used}`;
}

function storefront(file: string): Check | string {
  const name = folderOf(file.slice("storefront/".length), STOREFRONT);
  if (name === undefined) return "is in no layer of the storefront's table (tools/lib/floor-table.ts)";
  const { floor, only } = STOREFRONT[name]!;
  return ({ specifier = "" }, target) => {
    if (target === undefined) {
      return only === undefined || only.includes(specifier) ? undefined : `${name} may import only ${only.join(", ")}`;
    }
    const other = target.startsWith("storefront/")
      ? folderOf(target.slice("storefront/".length), STOREFRONT)
      : undefined;
    // Data beside the code (migrations, queries) is named by path and is no module.
    if (other === undefined)
      return target.startsWith("storefront/db") ? undefined : `imports ${specifier}, outside of its layers`;
    if (other === name || STOREFRONT[other]!.floor < floor) return undefined;
    return `${name} imports ${other}: only lower layers, and the edges never import each other`;
  };
}

/** other is for benches and end-to-end tests: they use the toolkit as everybody does. */
const other: Check = ({ specifier = "" }, target) =>
  target?.startsWith("millrace/src/") ? `imports ${specifier}: use the subpath of millrace` : undefined;

/** folderOf finds the longest folder of the table that holds the path. */
function folderOf(path: string, table: object): string | undefined {
  const names = Object.keys(table).filter((name) => path === name || path.startsWith(`${name}/`));
  return names.toSorted((a, b) => b.length - a.length)[0];
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

if (import.meta.main) {
  const files = filesOf("{millrace/src,cli/src,storefront,bench,e2e}/**/*.ts");
  finish(
    "floors",
    files.flatMap((file) => violations(file, read(file))),
  );
}
