import type { StandardSchema } from "../http/index.ts";
import { type Direction, type JsonSchema, type ToJsonSchema, jsonSchemaOf, mapSchemas } from "./json-schema.ts";

const DEFS = "#/$defs/";
const PLACE = "#/components/schemas/";
// A title names a schema where the library has no ids: one word with a capital, "User".
const NAME = /^[A-Z][A-Za-z0-9_]*$/;

type Variants = Partial<Record<Direction, JsonSchema>>;

/**
 * Components collects the named schemas of a document: what a library calls by an id (zod: `.meta({ id: "User" })`), and
 * objects whose title is a name. Where a name's input and output differ, the input is called "UserInput".
 */
export class Components {
  readonly #hook: ToJsonSchema | undefined;
  readonly #named = new Map<string, Variants>();
  readonly #done: Record<Direction, Map<StandardSchema, JsonSchema>> = { input: new Map(), output: new Map() };
  #anonymous = 0;

  constructor(hook: ToJsonSchema | undefined) {
    this.#hook = hook;
  }

  /** add converts a schema; its references stay provisional until `final` has seen them. */
  add(schema: StandardSchema, direction: Direction): JsonSchema {
    const known = this.#done[direction].get(schema);
    if (known !== undefined) return known;
    let field = "";
    try {
      const converted = this.#adopt(
        jsonSchemaOf(schema, direction, this.#hook, (path) => (field = path)),
        direction,
      );
      this.#done[direction].set(schema, converted);
      return converted;
    } catch (err) {
      const why = err instanceof Error ? err.message : String(err);
      throw new TypeError(field === "" ? why : `${field}: ${why}`, { cause: err });
    }
  }

  /** define names a schema that has been adopted already, and refers to it. */
  define(name: string, direction: Direction, schema: JsonSchema): JsonSchema {
    const provisional = { $ref: reference(name, direction) };
    if (schema["$ref"] === provisional.$ref) return provisional;
    const variants = this.#named.get(name) ?? {};
    const known = variants[direction];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
      throw new TypeError(`two different schemas are called ${name}`);
    this.#named.set(name, { ...variants, [direction]: schema });
    return provisional;
  }

  /** resolve follows the references of a schema that has been added. */
  resolve(schema: JsonSchema): JsonSchema {
    const { $ref, ...beside } = schema;
    if (typeof $ref !== "string") return schema;
    const { name, direction } = parse($ref);
    return this.resolve({ ...this.#named.get(name)?.[direction], ...beside });
  }

  /** schemas are the named ones, by their final names, in the order of the alphabet. */
  schemas(): Record<string, JsonSchema> {
    const entries = [...this.#named].flatMap(([name, variants]) =>
      Object.entries(variants).map(([direction, schema]): [string, JsonSchema] => [
        this.#nameOf(name, direction as Direction),
        this.final(schema),
      ]),
    );
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** final gives a schema's references their final names; it is for when everything has been added. */
  final(schema: JsonSchema): JsonSchema {
    const mapped = mapSchemas(schema, (inner) => this.final(inner));
    if (typeof mapped["$ref"] !== "string") return mapped;
    const { name, direction } = parse(mapped["$ref"]);
    return { ...mapped, $ref: PLACE + this.#nameOf(name, direction) };
  }

  // Takes a library's own $defs and names over.
  #adopt(root: JsonSchema, direction: Direction): JsonSchema {
    const { $schema: _, $defs = {}, ...rest } = root;
    // Names such as "__schema0" are the library's own, and not unique.
    const defs = Object.entries($defs as Record<string, JsonSchema>);
    const renamed = new Map(defs.map(([name]) => [name, name.startsWith("__") ? `Schema${++this.#anonymous}` : name]));
    const walk = (schema: JsonSchema): JsonSchema => {
      const mapped = mapSchemas(schema, walk);
      const { $ref, title } = mapped;
      if ($ref === "#") throw new TypeError("a schema that contains itself needs a name");
      if (typeof $ref === "string" && $ref.startsWith(DEFS)) {
        const name = $ref.slice(DEFS.length);
        return { ...mapped, $ref: reference(renamed.get(name) ?? name, direction) };
      }
      if (typeof title !== "string" || !NAME.test(title) || mapped["type"] !== "object") return mapped;
      return this.define(title, direction, mapped);
    };
    for (const [name, schema] of defs) {
      this.define(renamed.get(name)!, direction, walk(schema));
    }
    return walk(rest);
  }

  #nameOf(name: string, direction: Direction): string {
    return direction === "input" && this.#differs(name) ? `${name}Input` : name;
  }

  // Two sides are one schema if they read the same, and so do all that they refer to.
  #differs(name: string, seen: Set<string> = new Set()): boolean {
    if (seen.has(name)) return false;
    seen.add(name);
    const { input, output } = this.#named.get(name) ?? {};
    if (input === undefined || output === undefined) return false;
    const inner: string[] = [];
    const text = (schema: JsonSchema): string =>
      JSON.stringify(schema, (key, value: unknown) => {
        if (key !== "$ref" || typeof value !== "string" || !value.includes("@")) return value;
        inner.push(parse(value).name);
        return parse(value).name;
      });
    return text(input) !== text(output) || inner.some((other) => this.#differs(other, seen));
  }
}

/** reference is a provisional reference, which `final` makes the real one of: "User@input". */
export function reference(name: string, direction: Direction): string {
  return `${name}@${direction}`;
}

function parse(ref: string): { name: string; direction: Direction } {
  const at = ref.lastIndexOf("@");
  // Only reference makes them.
  return { name: ref.slice(0, at), direction: ref.slice(at + 1) as Direction };
}
