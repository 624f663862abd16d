import { type Issue, ValidationFailure } from "../errors/index.ts";
import type { SchemaIssue, SchemaResult } from "../schema/index.ts";
import { isEndpointBody } from "./endpoint-body.ts";
import { type FieldReader, fieldReader } from "./endpoint-fields.ts";
import type { EndpointSpec } from "./endpoint-spec.ts";
import type { Req } from "./req.ts";

/** Part is a part of a request that an endpoint can have a schema for. */
export type Part = "params" | "query" | "headers" | "body";

/** PARTS are the parts in the order in which issues are listed. */
export const PARTS: readonly Part[] = ["params", "query", "headers", "body"];

/** InputPlan is what can be known of an endpoint's input before a request. */
export interface InputPlan {
  readonly spec: EndpointSpec;
  /** parts are those with a schema. */
  readonly parts: readonly Part[];
  readonly query: FieldReader;
}

/** inputPlan makes the plan of an endpoint. */
export function inputPlan(spec: EndpointSpec): InputPlan {
  const query: FieldReader = spec.query === undefined ? () => ({}) : fieldReader(spec.query);
  return { spec, parts: PARTS.filter((part) => spec[part] !== undefined), query };
}

/** RawInput is an endpoint's input while it is put together; params are the request's own until a schema made others. */
export interface RawInput {
  readonly req: Req;
  [part: string]: unknown;
}

/** readInput gives the valid parts, or throws one ValidationFailure with all that is wrong with all of them. */
export function readInput({ spec, parts, query }: InputPlan, req: Req): RawInput | Promise<RawInput> {
  const values: unknown[] = [];
  let waits = false;
  for (const part of parts) {
    const value =
      part === "body"
        ? validateBody(spec.body!, req)
        : validate(spec, part, part === "query" ? query(req.query) : req[part]);
    if (value instanceof Promise) waits = true;
    values.push(value);
  }
  // What waits, waits together, so that a body that fails does not hide what else is wrong.
  if (waits) return Promise.all(values).then((all) => inputOf(parts, all as Result[], req));
  return inputOf(parts, values as Result[], req);
}

type Result = SchemaResult<unknown>;

function validate(spec: EndpointSpec, part: Exclude<Part, "body">, value: unknown): Result | Promise<Result> {
  // The caller has picked the parts that have a schema.
  return spec[part]!["~standard"].validate(value);
}

async function validateBody(body: NonNullable<EndpointSpec["body"]>, req: Req): Promise<Result> {
  return isEndpointBody(body) ? body.read(req) : body["~standard"].validate(await req.json());
}

function inputOf(parts: readonly Part[], results: readonly Result[], req: Req): RawInput {
  const issues: Issue[] = [];
  const input: RawInput = parts[0] === "params" ? { req } : new WithPathParams(req);
  parts.forEach((part, i) => {
    const result = results[i]!;
    if (result.issues === undefined) input[part] = result.value;
    else issues.push(...result.issues.map((issue) => issueOf(part, issue)));
  });
  if (issues.length > 0)
    throw new ValidationFailure("The request is not valid.", issues, { reason: "http/invalid_request" });
  return input;
}

// The path's parameters are decoded when they are read, and only then.
class WithPathParams implements RawInput {
  readonly req: Req;
  [part: string]: unknown;

  constructor(req: Req) {
    this.req = req;
  }

  get params(): unknown {
    return this.req.params;
  }
}

function issueOf(part: Part, issue: SchemaIssue): Issue {
  const keys = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
  const path = keys.map((key) => (typeof key === "number" ? key : String(key)));
  return { path: part === "body" ? path : [part, ...path], message: issue.message };
}
