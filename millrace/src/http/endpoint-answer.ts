import { Failure } from "../errors/index.ts";
import type { StandardSchema } from "../schema/index.ts";
import { isEndpointBody } from "./endpoint-body.ts";
import { difference, readPath } from "./endpoint-difference.ts";
import type { EndpointAnswer, EndpointSpec } from "./endpoint-spec.ts";
import { isJson } from "./exchange.ts";
import type { Handler, Middleware } from "./handler.ts";
import { Reply } from "./reply.ts";
import type { Req } from "./req.ts";
import { statusOf } from "./status.ts";

/** AnsweredRoute is what impliedAnswers knows an endpoint's route by. */
export interface AnsweredRoute {
  readonly method: string;
  readonly pattern: string;
  readonly middleware: readonly Middleware[];
}

/**
 * impliedAnswers are what an endpoint can be answered with before and beside its own code, by status, each with its
 * reason: because of invalid input, by the middleware around it, and by the server.
 */
export function impliedAnswers(spec: EndpointSpec, route: AnsweredRoute): ReadonlyMap<number, string> {
  const { method, pattern, middleware } = route;
  const answers = new Map<number, string>();
  const readsPath = /[:*(]/.test(pattern);
  if (readsPath || spec.query !== undefined || spec.headers !== undefined || spec.body !== undefined)
    answers.set(400, "The request is not valid; `issues` lists everything that is wrong with it.");
  if (spec.body !== undefined) {
    answers.set(413, "The body is larger than this resource accepts.");
    answers.set(415, `The body is not ${isEndpointBody(spec.body) ? spec.body.type : "JSON"}.`);
  }
  answers.set(500, "The server has failed; `request_id` finds it in its log.");
  answers.set(503, "The server is stopping, overloaded, or lacks something it needs. Try again later.");
  answers.set(504, "The answer took longer than the server allows.");
  for (const { traits } of [...middleware, ...(spec.use ?? [])]) {
    for (const [status, answer] of Object.entries(traits?.answers ?? {})) {
      const { why, methods } = typeof answer === "string" ? { why: answer, methods: [method] } : answer;
      if (!answers.has(Number(status)) && methods.includes(method)) answers.set(Number(status), why);
    }
  }
  return answers;
}

/** schemaOf is the schema of an answer's JSON, if it has one. */
function schemaOf(answer: EndpointAnswer): StandardSchema | undefined {
  if (typeof answer === "string") return undefined;
  return "~standard" in answer ? answer : answer.body;
}

/** typeOf is the media type of an answer that is not JSON, if it says one. */
function typeOf(answer: EndpointAnswer): string | undefined {
  if (typeof answer === "string" || "~standard" in answer) return undefined;
  return answer.events === undefined ? answer.type : "text/event-stream";
}

/** checksAnswers says whether this process compares answers with what their endpoint says of them. */
export function checksAnswers(): boolean {
  const env = process.env["NODE_ENV"];
  return env === "development" || env === "test";
}

/** withCheckedAnswers makes a handler whose answers are as its specification says, or a Failure that says why not. */
export function withCheckedAnswers(spec: EndpointSpec, handler: Handler): Handler {
  const declared = new Map(Object.entries(spec.responses ?? {}).map(([status, answer]) => [Number(status), answer]));
  return async (ctx, req) => {
    let reply: Reply | Response;
    try {
      reply = await handler(ctx, req);
    } catch (err) {
      checkStatus(spec, req, declared, statusOf(err), err);
      throw err;
    }
    checkStatus(spec, req, declared, reply.status, undefined);
    const answer = declared.get(reply.status);
    if (answer !== undefined && reply instanceof Reply) await checkContent(answer, req, reply);
    return reply;
  };
}

function checkStatus(
  spec: EndpointSpec,
  req: Req,
  declared: ReadonlyMap<number, unknown>,
  status: number,
  cause: unknown,
): void {
  // 499: nobody is there to read it.
  if (
    status === 499 ||
    status >= 500 ||
    declared.has(status) ||
    impliedAnswers(spec, { method: req.method, pattern: req.pattern, middleware: [] }).has(status)
  )
    return;
  throw mismatch(req, status, "its endpoint does not list this status", cause);
}

async function checkContent(answer: EndpointAnswer, req: Req, reply: Reply): Promise<void> {
  const schema = schemaOf(answer);
  if (schema !== undefined) await checkBody(schema, req, reply);
  const type = typeOf(answer);
  if (type !== undefined && mediaType(reply.type) !== mediaType(type))
    throw mismatch(req, reply.status, `it is ${type}, not ${reply.type}`);
}

function mediaType(type: string): string {
  return type.split(";", 1)[0]!.trim().toLowerCase();
}

// What goes over the wire must be what the schema describes: accepted, and given back as it was.
async function checkBody(schema: StandardSchema, req: Req, { status, type, body }: Reply): Promise<void> {
  if (typeof body !== "string" || !isJson(type)) throw mismatch(req, status, "it has a schema and is not JSON");
  const wire: unknown = JSON.parse(body);
  const result = await schema["~standard"].validate(wire);
  if (result.issues !== undefined) {
    const issues = result.issues.map(({ path = [], message }) => `${readPath(path)}: ${message}`);
    throw mismatch(req, status, issues.join("; "));
  }
  const path = difference(wire, JSON.parse(JSON.stringify(result.value) ?? "null"));
  if (path !== undefined)
    throw mismatch(req, status, `${readPath(path)}: the schema leaves this out or makes it another`);
}

function mismatch(req: Req, status: number, why: string, cause?: unknown): Failure {
  const what = `${req.method} ${req.pattern}: the answer ${status} is not as documented`;
  return new Failure(`http: ${what}: ${why}`, { code: "internal", reason: "http/undocumented_answer", cause });
}
