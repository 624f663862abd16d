import type { StandardSchema } from "../schema/index.ts";

/** FieldReader makes a plain object of the fields of a query string or a form. */
export type FieldReader = (fields: Iterable<readonly [string, string]>) => Record<string, string | string[]>;

/**
 * fieldReader makes the FieldReader of a schema: a key that the schema wants as a list is a list, also when it stands
 * once, as far as the schema's library says its JSON Schema. Any other key is a text, or a list if it stands several times.
 */
export function fieldReader(schema: StandardSchema): FieldReader {
  // Asked for with the first request: a start need not wait for it.
  let lists: ReadonlySet<string> | undefined;
  return (fields) => {
    lists ??= listsOf(schema);
    const found = new Map<string, string | string[]>();
    for (const [key, value] of fields) {
      const known = found.get(key);
      if (known === undefined) found.set(key, lists.has(key) ? [value] : value);
      else if (typeof known === "string") found.set(key, [known, value]);
      else known.push(value);
    }
    // Here "__proto__" is a key like any other.
    return Object.fromEntries(found);
  };
}

interface ObjectSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, ObjectSchema>>;
  readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>;
}

// Source: https://standardschema.dev/json-schema
interface Convertible {
  readonly "~standard": { readonly jsonSchema?: { readonly input: (options: { target: string }) => ObjectSchema } };
}

function listsOf(schema: StandardSchema): ReadonlySet<string> {
  try {
    const root = (schema as Partial<Convertible>)["~standard"]?.jsonSchema?.input({ target: "draft-2020-12" });
    // A schema with a name is a reference to its only definition of that name.
    const { properties = {} } = root?.$defs?.[root.$ref?.split("/").at(-1) ?? ""] ?? root ?? {};
    return new Set(Object.keys(properties).filter((key) => properties[key]?.type === "array"));
  } catch {
    // It has no JSON Schema, and then nobody can tell.
    return new Set();
  }
}
