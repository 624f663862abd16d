import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Comment, type Statement, Visitor, parseSync } from "oxc-parser";
import { ROOT, read } from "./root.ts";

/** Export is one exported name of a subpath. */
export interface Export {
  readonly name: string;
  /** text is its declaration as tsc emits it, without comments and without what is private or @internal. */
  readonly text: string;
  readonly documented: boolean;
  /** any says that its type holds `any`. */
  readonly any: boolean;
}

/** TSC is the compiler that the repository uses; node_modules/.bin may hold another one for a consumer's test. */
export const TSC: string = join(ROOT, "node_modules/typescript/bin/tsc");

/** subpaths lists what millrace/package.json exports and where its source is: "http/node" → "millrace/src/http/node". */
export function subpaths(): Map<string, string> {
  const { exports }: { exports: Record<string, unknown> } = JSON.parse(read("millrace/package.json"));
  const names = Object.keys(exports).filter((name) => name !== "./package.json");
  return new Map(names.map((name) => [name.slice(2), `millrace/src/${name.slice(2)}`]));
}

/** surface compiles the toolkit's declarations and returns the exports of each subpath that exists, by name. */
export function surface(): Map<string, Export[]> {
  const out = mkdtempSync(join(tmpdir(), "millrace-surface-"));
  try {
    const args = ["-p", "millrace/tsconfig.build.json", "--emitDeclarationOnly", "--declaration", "--outDir", out];
    const tsc = spawnSync(process.execPath, [TSC, ...args], { cwd: ROOT, encoding: "utf8" });
    if (tsc.status !== 0) throw new Error(tsc.stdout + tsc.stderr);
    const names = [...subpaths().keys()].filter((name) => existsSync(join(out, name, "index.d.ts")));
    const files = new Map<string, Declarations>();
    return new Map(names.map((name) => [name, exportsOf(join(out, name, "index.d.ts"), files)]));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Declarations are what one .d.ts file declares and what it exports from where. */
interface Declarations {
  readonly declared: Map<string, Export>;
  /** exported maps a name to a file and the name there; an undefined file is this one. */
  readonly exported: Map<string, { readonly file: string | undefined; readonly name: string }>;
}

/** exportsOf lists what a .d.ts file exports, following its re-exports. */
export function exportsOf(file: string, files: Map<string, Declarations> = new Map()): Export[] {
  const found = [...load(file, files).exported.keys()].map((name) => ({ ...lookup(file, name, files), name }));
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function lookup(file: string, name: string, files: Map<string, Declarations>): Export {
  const { declared, exported } = load(file, files);
  const target = exported.get(name);
  if (target?.file !== undefined) return lookup(target.file, target.name, files);
  const found = declared.get(target?.name ?? name);
  if (found === undefined) throw new Error(`${file}: exports ${name}, which it does not declare`);
  return found;
}

function load(file: string, files: Map<string, Declarations>): Declarations {
  const known = files.get(file);
  if (known !== undefined) return known;
  const source = readFileSync(file, "utf8");
  const { program, comments, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const found: Declarations = { declared: new Map(), exported: new Map() };
  files.set(file, found);
  let end = 0;
  for (const node of program.body) {
    readStatement(file, source, node, comments, end, found);
    end = node.end;
  }
  return found;
}

function readStatement(
  file: string,
  source: string,
  node: Statement,
  comments: readonly Comment[],
  previousEnd: number,
  { declared, exported }: Declarations,
): void {
  if (node.type === "ExportAllDeclaration") throw new Error(`${file}: export *: name what is exported`);
  const inner = node.type === "ExportNamedDeclaration" ? node.declaration : node;
  if (node.type === "ExportNamedDeclaration" && inner === null) {
    const from =
      node.source === null ? undefined : join(dirname(file), node.source.value).replace(/\.(js|ts)$/, ".d.ts");
    for (const { local, exported: outside } of node.specifiers) {
      exported.set(nameOf(outside), { file: from, name: nameOf(local) });
    }
    return;
  }
  const names = declaredNames(inner);
  for (const name of names) {
    if (node.type === "ExportNamedDeclaration") exported.set(name, { file: undefined, name });
    const doc = comments.some((c) => c.start >= previousEnd && c.end <= node.start && c.value.startsWith("*"));
    const before = declared.get(name);
    const text = textOf(source, node, comments);
    declared.set(name, {
      name,
      text: before === undefined ? text : `${before.text}\n${text}`, // overloads, or a type and a value of one name
      documented: doc || before?.documented === true,
      any: hasAny(text) || before?.any === true,
    });
  }
}

function declaredNames(node: Statement | null): string[] {
  if (node === null) return [];
  if (node.type === "VariableDeclaration") return node.declarations.flatMap((d) => ("name" in d.id ? [d.id.name] : []));
  return "id" in node && node.id !== null && "name" in node.id ? [node.id.name] : [];
}

function nameOf(node: { readonly type: string; readonly name?: string; readonly value?: string }): string {
  return node.name ?? node.value ?? "";
}

function textOf(source: string, node: Statement, comments: readonly Comment[]): string {
  let text = source.slice(node.start, node.end);
  for (const comment of comments.toReversed()) {
    if (comment.start < node.start || comment.end > node.end) continue;
    text = text.slice(0, comment.start - node.start) + text.slice(comment.end - node.start);
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "" && line.trim() !== "#private;");
  return lines
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/^(export )?(declare )?/, "");
}

function hasAny(text: string): boolean {
  let found = false;
  new Visitor({ TSAnyKeyword: () => void (found = true) }).visit(parseSync("x.d.ts", `declare ${text}`).program);
  return found;
}
