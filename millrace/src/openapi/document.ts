import { Failure } from "../errors/index.ts";
import type { RouteInfo, SecurityScheme } from "../http/index.ts";
import { Components } from "./components.ts";
import { type JsonSchema, type ToJsonSchema, isObject } from "./json-schema.ts";
import { type OpenApiAnswer, type OpenApiOperation, type Shared, operationOf } from "./operation.ts";
import { pathOf } from "./pattern.ts";
import { PROBLEM } from "./problem-schema.ts";

/** OpenApiOptions is what the routes do not say. */
export interface OpenApiOptions {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  /** servers are where the API is reached. Default: where the document came from. */
  readonly servers?: readonly { readonly url: string; readonly description?: string }[];
  /** tags describe the tags of endpoints, in the order in which they are to be shown. */
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  /** security are credentials that every operation needs, beside those that its middleware asks for, by name. */
  readonly security?: Readonly<Record<string, SecurityScheme>>;
  /** toJsonSchema is for schemas whose library does not implement Standard JSON Schema (zod and arktype do). */
  readonly toJsonSchema?: ToJsonSchema;
}

/** OpenApiDocument is an OpenAPI 3.1 document. Source: https://spec.openapis.org/oas/v3.1.1 */
export interface OpenApiDocument extends Omit<OpenApiOptions, "security" | "toJsonSchema"> {
  readonly openapi: "3.1.1";
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, OpenApiAnswer>>;
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  };
}

/** Routes is a router, or anything else that can list its routes. */
export interface Routes {
  routes(): readonly RouteInfo[];
}

/**
 * openapi describes the endpoints of a router; handlers that endpoint did not make are left out. Requests are described
 * by what their schemas accept, answers by what theirs give. What OpenAPI cannot express throws a Failure
 * "openapi/not_expressible" that names the route and the field.
 */
export function openapi(router: Routes, options: OpenApiOptions): OpenApiDocument {
  const { toJsonSchema, security = {}, ...rest } = options;
  const components = new Components(toJsonSchema);
  components.define("Problem", "output", PROBLEM);
  const shared: Shared = { components, problems: new Map(), schemes: new Map(), security };
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  const ids = new Map<string, string>();
  for (const route of router.routes()) {
    const { method, pattern, endpoint } = route;
    if (endpoint === undefined) continue;
    const name = `${method} ${pattern}`;
    named(name, () => {
      if (!METHODS.has(method)) throw new TypeError("OpenAPI has no such method");
      const path = pathOf(pattern);
      const operation = operationOf({ ...route, endpoint }, path, shared);
      const other = ids.get(operation.operationId);
      if (other !== undefined) throw new TypeError(`operationId: ${operation.operationId} is that of ${other} too`);
      ids.set(operation.operationId, name);
      (paths[path] ??= {})[method.toLowerCase()] = operation;
    });
  }
  return {
    openapi: "3.1.1",
    ...rest,
    paths: finish(paths, components) as OpenApiDocument["paths"],
    components: {
      schemas: components.schemas(),
      responses: finish(Object.fromEntries(shared.problems), components) as Record<string, OpenApiAnswer>,
      securitySchemes: Object.fromEntries(shared.schemes),
    },
  };
}

const METHODS = new Set(["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]);

function named(route: string, fn: () => void): void {
  try {
    fn();
  } catch (err) {
    const message = `openapi: ${route}: ${err instanceof Error ? err.message : String(err)}`;
    throw new Failure(message, { code: "failed_precondition", reason: "openapi/not_expressible", cause: err });
  }
}

// Only when everything has been seen the schemas have their names.
function finish(value: unknown, components: Components): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => finish(item, components));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === "schema" && isObject(inner) ? components.final(inner) : finish(inner, components),
  ]);
  return Object.fromEntries(entries);
}
