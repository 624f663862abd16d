import type { EndpointSpec } from "../http/index.ts";
import type { Components } from "./components.ts";
import { type JsonSchema, isObject } from "./json-schema.ts";
import { namesOf } from "./pattern.ts";

/** Parameter is an OpenAPI parameter. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly schema: JsonSchema;
}

// OpenAPI says of these elsewhere (content, security) and ignores them as parameters.
const IGNORED = new Set(["accept", "content-type", "authorization"]);

/** parametersOf are an endpoint's parameters; at wraps what goes wrong with one of its parts. */
export function parametersOf(
  spec: EndpointSpec,
  path: string,
  components: Components,
  at: <T>(part: string, fn: () => T) => T,
): Parameter[] {
  const names = namesOf(path);
  const own = at("params", () => fieldsOf(spec.params, "path", components));
  const strange = own.find(({ name }) => !names.includes(name));
  if (strange !== undefined && strange.required)
    at("params", () => fail(`${strange.name}: the path has no such parameter`));
  const inPath = names.map((name): Parameter => {
    const known = own.find((field) => field.name === name);
    return known === undefined
      ? { name, in: "path", required: true, schema: { type: "string" } }
      : { ...known, required: true };
  });
  return [
    ...inPath,
    ...at("query", () => fieldsOf(spec.query, "query", components)),
    ...at("headers", () => fieldsOf(spec.headers, "header", components)).filter(({ name }) => !IGNORED.has(name)),
  ];
}

function fieldsOf(schema: EndpointSpec["query"], place: Parameter["in"], components: Components): Parameter[] {
  if (schema === undefined) return [];
  const whole = components.resolve(components.add(schema, "input"));
  const { properties, required } = whole;
  if (!isObject(properties)) fail("a schema of parameters must be an object with named fields");
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, field]): Parameter => {
    const { description, deprecated, ...rest } = isObject(field) ? field : {};
    return {
      name,
      in: place,
      required: needed.includes(name),
      ...(typeof description === "string" ? { description } : {}),
      ...(deprecated === true ? { deprecated } : {}),
      schema: rest,
    };
  });
}

function fail(message: string): never {
  throw new TypeError(message);
}
