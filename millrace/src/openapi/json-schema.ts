import type { StandardSchema } from "../http/index.ts";

/** JsonSchema is a JSON Schema, draft 2020-12, which is what OpenAPI 3.1 uses. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Direction says which side of a schema is meant: what it accepts (requests) or what it gives (answers). */
export type Direction = "input" | "output";

/**
 * ToJsonSchema says the JSON Schema of a schema whose library cannot say it by itself, undefined where it can. For
 * valibot: `(schema, typeMode) => toJsonSchema(schema, { typeMode })`.
 */
export type ToJsonSchema = (schema: StandardSchema, direction: Direction) => object | undefined;

/**
 * jsonSchemaOf asks the hook, then the schema itself, which throws what it cannot express; field says where that was,
 * as far as the library tells. Source: https://standardschema.dev/json-schema
 */
export function jsonSchemaOf(
  schema: StandardSchema,
  direction: Direction,
  hook: ToJsonSchema | undefined,
  field: (path: string) => void,
): JsonSchema {
  const given = hook?.(schema, direction);
  // A library's own type for it need not have an index signature.
  if (given !== undefined) return given as JsonSchema;
  const { jsonSchema, vendor } = (schema as Partial<Convertible> & StandardSchema)["~standard"];
  if (jsonSchema === undefined) throw new TypeError(`${vendor} needs the option toJsonSchema`);
  // What zod calls for each schema that it cannot express; its message does not say where that is.
  const unrepresentable = ({ path }: { path: readonly PropertyKey[] }): "throw" => {
    field(fieldOf(path));
    return "throw";
  };
  const libraryOptions = vendor === "zod" ? { libraryOptions: { unrepresentable } } : {};
  return jsonSchema[direction]({ target: "draft-2020-12", ...libraryOptions });
}

interface Convertible {
  readonly "~standard": {
    readonly vendor: string;
    readonly jsonSchema?: Readonly<Record<Direction, (options: Readonly<Record<string, unknown>>) => JsonSchema>>;
  };
}

/** fieldOf makes "items[].id" of a path inside of a JSON Schema: properties, items, items, properties, id. */
function fieldOf(path: readonly PropertyKey[]): string {
  let field = "";
  for (let i = 0; i < path.length; i++) {
    if (path[i] === "properties") field += `.${String(path[++i])}`;
    else if (path[i] === "items") field += "[]";
  }
  return field.replace(/^\./, "");
}

const MAPS = ["properties", "patternProperties", "dependentSchemas", "$defs"];
const LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const SINGLES = ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"];

/** mapSchemas makes a copy of a schema in which each schema directly inside of it is what fn makes of it. */
export function mapSchemas(schema: JsonSchema, fn: (inner: JsonSchema) => JsonSchema): JsonSchema {
  const one = (value: unknown): unknown => (isObject(value) ? fn(value) : value);
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (MAPS.includes(keyword) && isObject(value))
        return [keyword, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, one(inner)]))];
      if (LISTS.includes(keyword) && Array.isArray(value)) return [keyword, value.map(one)];
      return [keyword, SINGLES.includes(keyword) ? one(value) : value];
    }),
  );
}

/** isObject says whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
