import { type EndpointAnswer, type RouteInfo, type SecurityScheme, impliedAnswers } from "../http/index.ts";
import { type Components, reference } from "./components.ts";
import { type Content, answerContent, bodyContent, jsonContent } from "./content.ts";
import type { JsonSchema } from "./json-schema.ts";
import { type Parameter, parametersOf } from "./parameters.ts";

/** OpenApiOperation is what the document says of one endpoint. */
export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, OpenApiAnswer>>;
}

/** OpenApiAnswer is an answer, or a reference to one that many operations have. */
export interface OpenApiAnswer {
  readonly $ref?: string;
  readonly description?: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly content?: Content;
}

type Endpoint = RouteInfo & { readonly endpoint: NonNullable<RouteInfo["endpoint"]> };

/** Shared is what operations have in common and the document says once. */
export interface Shared {
  readonly components: Components;
  readonly problems: Map<string, OpenApiAnswer>;
  readonly schemes: Map<string, SecurityScheme>;
  readonly security: Readonly<Record<string, SecurityScheme>>;
}

const PROBLEM_CONTENT: Content = { "application/problem+json": { schema: { $ref: reference("Problem", "output") } } };

/** operationOf describes an endpoint. What cannot be expressed throws an error that begins with the part it is in. */
export function operationOf(route: Endpoint, path: string, shared: Shared): OpenApiOperation {
  const { endpoint: spec } = route;
  const { components } = shared;
  const schemes = schemesOf(route, shared);
  const parameters = parametersOf(spec, path, components, at);
  const { body } = spec;
  return {
    operationId: spec.operationId ?? operationIdOf(route.method, path),
    ...(spec.summary === undefined ? {} : { summary: spec.summary }),
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...(spec.tags === undefined ? {} : { tags: spec.tags }),
    ...(spec.deprecated === undefined ? {} : { deprecated: spec.deprecated }),
    ...(schemes.length === 0 ? {} : { security: [Object.fromEntries(schemes.map((name) => [name, []]))] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: at("body", () => bodyContent(body, components)) } }),
    responses: responsesOf(route, shared),
  };
}

function schemesOf({ endpoint, middleware }: Endpoint, { security, schemes }: Shared): string[] {
  const asked = [security, ...[...middleware, ...(endpoint.use ?? [])].map((mw) => mw.traits?.security ?? {})];
  const all = new Map(asked.flatMap((some) => Object.entries(some)));
  for (const [name, scheme] of all) schemes.set(name, scheme);
  return [...all.keys()];
}

function responsesOf(route: Endpoint, shared: Shared): Record<string, OpenApiAnswer> {
  const { endpoint: spec } = route;
  const answers: Record<string, OpenApiAnswer> = {};
  if (spec.responses === undefined) answers["2XX"] = { description: "The answer." };
  const implied = impliedAnswers(spec, route);
  for (const [status, reason] of implied) answers[status] = sharedAnswer(status, reason, shared);
  for (const [status, answer] of Object.entries(spec.responses ?? {})) {
    const own = at(`responses[${status}]`, () => answerOf(Number(status), answer, shared.components));
    // The endpoint's own JSON does not keep the server from answering a problem with the same status.
    answers[status] =
      Number(status) >= 400 && implied.has(Number(status))
        ? { ...own, content: { ...own.content, ...PROBLEM_CONTENT } }
        : own;
  }
  return answers;
}

// Said once for all operations that have it: "Problem400", and with another text "Problem400_2".
function sharedAnswer(status: number, reason: string, { problems }: Shared): OpenApiAnswer {
  if (status < 400) return { description: reason };
  for (let n = 1; ; n++) {
    const name = n === 1 ? `Problem${status}` : `Problem${status}_${n}`;
    if (!problems.has(name)) problems.set(name, problemOf(reason));
    if (problems.get(name)?.description === reason) return { $ref: `#/components/responses/${name}` };
  }
}

function problemOf(description: string): OpenApiAnswer {
  return { description, content: PROBLEM_CONTENT };
}

function answerOf(status: number, answer: EndpointAnswer, components: Components): OpenApiAnswer {
  if (typeof answer === "string") return status < 400 ? { description: answer } : problemOf(answer);
  if ("~standard" in answer)
    return { description: "The answer.", content: jsonContent(components.add(answer, "output")) };
  const headers = Object.entries(answer.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  const described: OpenApiAnswer = {
    description: answer.description,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
  };
  const content = answerContent(answer, components);
  if (content !== undefined) return { ...described, content };
  return status < 400 ? described : { ...problemOf(answer.description), ...described };
}

/** operationIdOf makes "getUsersId" of GET /users/{id}. */
function operationIdOf(method: string, path: string): string {
  const words = path.match(/[A-Za-z0-9]+/g) ?? [];
  return method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
}

function at<T>(part: string, fn: () => T): T {
  try {
    return fn();
  } catch (err) {
    throw new TypeError(`${part}: ${err instanceof Error ? err.message : String(err)}`, { cause: err });
  }
}
