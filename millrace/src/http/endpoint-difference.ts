import type { SchemaIssue } from "../schema/index.ts";

type Path = NonNullable<SchemaIssue["path"]>;

/** difference is the path to the first place where two JSON values differ, whatever the order of keys; undefined: none. */
export function difference(a: unknown, b: unknown, path: readonly string[] = []): readonly string[] | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return path;
  if (Array.isArray(a) !== Array.isArray(b)) return path;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const inner = [...path, key];
    if (!left.has(key) || !right.has(key)) return inner;
    const found = difference(left.get(key), right.get(key), inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** readPath writes a path for a person: "body.items.0.id". */
export function readPath(path: Path): string {
  return ["body", ...path.map((step) => String(typeof step === "object" ? step.key : step))].join(".");
}
