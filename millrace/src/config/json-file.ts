/**
 * parseJson makes variables of a JSON object: `{ "database": { "maxConns": 5 } }` is DATABASE_MAX_CONNS=5. Arrays of texts
 * and numbers are joined by commas, null is missing. Throws an Error that quotes no value.
 */
export function parseJson(text: string): Record<string, string> {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (err) {
    // The message may quote what stands there.
    const where = /\(line \d+ column \d+\)|position \d+/.exec((err as Error).message)?.[0] ?? "";
    throw new Error(`want JSON, which it is not ${where}`.trimEnd(), { cause: err });
  }
  if (kindOf(root) !== "object") throw new Error(`want an object of settings, not ${kindOf(root)}`);
  const variables: Record<string, string> = {};
  for (const [path, value] of leaves("", root)) {
    const name = nameOf(path);
    if (Object.hasOwn(variables, name)) throw new Error(`${path}: another member is ${name} too`);
    variables[name] = value;
  }
  return variables;
}

function* leaves(path: string, value: unknown): Generator<readonly [path: string, text: string]> {
  const kind = kindOf(value);
  if (kind === "object") {
    // An object that JSON.parse has made.
    const members = Object.entries(value as Record<string, unknown>);
    for (const [key, member] of members) yield* leaves(path === "" ? key : `${path}.${key}`, member);
  } else if (kind === "array") {
    const items = value as unknown[];
    const odd = items.map(kindOf).find((each) => each === "object" || each === "array" || each === "null");
    if (odd !== undefined) throw new Error(`${path}: want texts and numbers in the array, not ${odd}`);
    yield [path, items.join(",")];
  } else if (kind !== "null") yield [path, String(value)];
}

function nameOf(path: string): string {
  return path
    .replaceAll(/([a-z\d])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z\d]+/g, "_")
    .toUpperCase();
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
