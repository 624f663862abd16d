import type { Ctx } from "../context/index.ts";
import { type Issue, ValidationFailure } from "../errors/index.ts";
import type { Handler, Middleware } from "./handler.ts";
import type { Reply } from "./reply.ts";
import type { Req } from "./req.ts";
import type { Output, SchemaIssue, SchemaResult, StandardSchema } from "../schema/index.ts";

/** EndpointSpec says what an endpoint reads, each part by a Standard Schema. */
export interface EndpointSpec {
  /** params are the pattern's parameters, as text. */
  readonly params?: StandardSchema;
  /** query is the query string: text, or a list of texts for a key that stands several times. */
  readonly query?: StandardSchema;
  /** headers are the request headers, names in lower case. */
  readonly headers?: StandardSchema;
  /** body is the body as JSON. */
  readonly body?: StandardSchema;
  /** use is middleware around this endpoint alone. */
  readonly use?: readonly Middleware[];
}

/** EndpointInput is what the schemas have made of the request, and the request itself. */
export type EndpointInput<S extends EndpointSpec> = {
  readonly [K in Exclude<keyof S, "use"> & keyof EndpointSpec]: Output<S[K]>;
} & { readonly req: Req };

/**
 * endpoint makes a handler that is called with valid input only. Everything that is wrong with all parts is answered at
 * once with a 400 problem, its issues under "query.…", "params.…", "headers.…" and, for the body, the plain path.
 * A body of another media type than JSON is a 415, one that is no JSON a 400.
 */
export function endpoint<S extends EndpointSpec>(
  spec: S,
  fn: (ctx: Ctx, input: EndpointInput<S>) => Reply | Response | Promise<Reply | Response>,
): Handler {
  const parts = PARTS.filter((part) => spec[part] !== undefined);
  const handler: Handler = (ctx, req) => {
    const values: unknown[] = [];
    let waits = false;
    for (const part of parts) {
      const value = part === "body" ? validateBody(spec, req) : validate(spec, part, READ[part](req));
      if (value instanceof Promise) waits = true;
      values.push(value);
    }
    // What waits, waits together, so that a body that fails does not hide what else is wrong.
    if (waits) return Promise.all(values).then((all) => fn(ctx, inputOf<S>(parts, all as Result[], req)));
    return fn(ctx, inputOf<S>(parts, values as Result[], req));
  };
  return (spec.use ?? []).reduceRight<Handler>((next, mw) => mw(next), handler);
}

type Part = "params" | "query" | "headers" | "body";
type Result = SchemaResult<unknown>;

const PARTS: readonly Part[] = ["params", "query", "headers", "body"];

const READ: Readonly<Record<Exclude<Part, "body">, (req: Req) => unknown>> = {
  params: (req) => req.params,
  query: (req) => queryOf(req.query),
  headers: (req) => req.headers,
};

function validate(spec: EndpointSpec, part: Part, value: unknown): Result | Promise<Result> {
  // The caller has picked the parts that have a schema.
  return spec[part]!["~standard"].validate(value);
}

async function validateBody(spec: EndpointSpec, req: Req): Promise<Result> {
  return validate(spec, "body", await req.json());
}

function inputOf<S extends EndpointSpec>(
  parts: readonly Part[],
  results: readonly Result[],
  req: Req,
): EndpointInput<S> {
  const issues: Issue[] = [];
  const input: Record<string, unknown> = { req };
  parts.forEach((part, i) => {
    const result = results[i]!;
    if (result.issues === undefined) input[part] = result.value;
    else issues.push(...result.issues.map((issue) => issueOf(part, issue)));
  });
  if (issues.length > 0)
    throw new ValidationFailure("The request is not valid.", issues, { reason: "http/invalid_request" });
  // Each part's value comes from that part's schema.
  return input as EndpointInput<S>;
}

function issueOf(part: Part, issue: SchemaIssue): Issue {
  const keys = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
  const path = keys.map((key) => (typeof key === "number" ? key : String(key)));
  return { path: part === "body" ? path : [part, ...path], message: issue.message };
}

function queryOf(query: URLSearchParams): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  for (const key of new Set(query.keys())) {
    const values = query.getAll(key);
    // Defined, not assigned: "__proto__" is a key like any other.
    Object.defineProperty(out, key, {
      value: values.length === 1 ? values[0] : values,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return out;
}
