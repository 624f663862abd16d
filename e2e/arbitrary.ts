import fc from "fast-check";

/** Schema is a JSON Schema, as far as the storefront's document uses it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly contentMediaType?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** Known is what a value may be taken from beside the schema: the schemas by name, and ids of things that exist. */
export interface Known {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly ids: readonly string[];
}

/** valid makes values that a schema accepts. A part of it that is not known here throws: the test must learn it. */
export function valid(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const { examples } = schema;
  const made = byType(schema, known);
  // Examples are what reaches furthest; the rest finds the edges.
  return examples === undefined ? made : fc.oneof(fc.constantFrom(...examples), made);
}

function byType(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valid(known.schemas[schema.$ref.split("/").at(-1)!]!, known);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.contentMediaType !== undefined) return fc.uint8Array({ maxLength: 100 });
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => valid(one, known)));
  switch (schema.type) {
    case "string":
      return text(schema, known);
    case "integer":
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 - 1 });
    case "number":
      return fc.double({ noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(valid(schema.items ?? {}, known), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      });
    case "object": {
      const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, valid(field, known)]);
      // fromEntries loses the names; each field's arbitrary stands under its own.
      const model = Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>;
      return fc.record(model, { requiredKeys: [...(schema.required ?? [])] });
    }
    default:
      throw new Error(`no arbitrary for ${JSON.stringify(schema)}`);
  }
}

function text({ format, pattern, minLength = 0, maxLength = 60 }: Schema, { ids }: Known): fc.Arbitrary<string> {
  if (format === "uuid") return fc.oneof(fc.constantFrom(...ids), fc.uuid(), fc.constant(ids[0]!.toUpperCase()));
  if (format === "email") return fc.emailAddress();
  if (format === "date-time") return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(
    fc.string({ minLength, maxLength: Math.min(maxLength, 60), unit: "binary" }),
    fc.string({ minLength: maxLength, maxLength }),
    fc.uuid().map((id) => `${id}@example.com`.slice(0, maxLength)),
  );
}

/** broken makes values that a schema probably refuses: one of another kind, or a valid one with one field changed. */
export function broken(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const json = fc.jsonValue({ maxDepth: 3 });
  const odd = fc.oneof(json, fc.constantFrom("", null, -1, 0, 1e308, "\u0000", "\ud800", "x".repeat(5000), [], {}));
  const changed = fc.tuple(valid(schema, known), fc.nat(), odd, fc.boolean()).map(([value, n, other, taken]) => {
    if (typeof value !== "object" || value === null) return other;
    const names = [...Object.keys(value), "unheard-of", "__proto__"];
    const name = names[n % names.length]!;
    const rest = Object.entries(value).filter(([key]) => key !== name);
    return Object.fromEntries(taken ? rest : [...rest, [name, other]]);
  });
  return fc.oneof(odd, changed);
}
