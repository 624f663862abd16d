import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import {
  type EndpointSpec,
  type Middleware,
  type Router as Routed,
  Router,
  endpoint,
  form,
  json,
  middleware,
  multipart,
} from "../http/index.ts";
import { type OpenApiDocument, openapi } from "./document.ts";
import type { OpenApiOperation } from "./operation.ts";

const info = { title: "test", version: "1" };
const at = z.iso.datetime();
const user = z.object({ id: z.uuid(), at }).meta({ id: "User" });

function documentOf(
  method: "get" | "post",
  pattern: string,
  spec: EndpointSpec,
  ...around: Middleware[]
): OpenApiDocument {
  // A pattern that is not a literal has any parameters.
  const router: Routed = new Router().use(...around);
  router[method](
    pattern,
    endpoint(spec, () => json(1)),
  );
  return openapi(router, { info });
}
const only = ({ paths }: OpenApiDocument): OpenApiOperation => Object.values(Object.values(paths)[0]!)[0]!;

test("what an endpoint reads and answers is described, and what it says of itself", () => {
  const limited = middleware({ answers: { 429: "Too many." } });
  const secured = middleware({
    answers: { 401: "No token." },
    security: { bearer: { type: "http", scheme: "bearer" } },
  });
  const spec = {
    use: [secured],
    params: z.object({ id: z.uuid() }),
    query: z.object({ limit: z.coerce.number().int().max(100).default(20), q: z.string().describe("what to find") }),
    headers: z.object({ "x-a": z.string().optional(), accept: z.string() }),
    body: z.object({ user, note: z.string().transform((text) => text.length) }),
    responses: { 201: user, 204: "Nothing to do.", 404: "No such user." },
    summary: "Changes",
    description: "Changes a user.",
    tags: ["users"],
    deprecated: true,
    operationId: "change",
  };
  const document = documentOf("post", "/users/:id", spec, limited);
  const operation = document.paths["/users/{id}"]!["post"]!;
  assert.deepEqual(
    operation.parameters?.map((p) => [p.in, p.name, p.required, p.schema["type"]]),
    [
      ["path", "id", true, "string"],
      ["query", "limit", false, "integer"],
      ["query", "q", true, "string"],
      ["header", "x-a", false, "string"],
    ],
  );
  assert.equal(operation.parameters?.[2]?.description, "what to find");
  const body = operation.requestBody?.content["application/json"]?.schema;
  assert.deepEqual(body, {
    type: "object",
    properties: { user: { $ref: "#/components/schemas/UserInput" }, note: { type: "string" } },
    required: ["user", "note"],
  });
  assert.deepEqual(operation.responses["201"], {
    description: "The answer.",
    content: { "application/json": { schema: { $ref: "#/components/schemas/User" } } },
  });
  assert.deepEqual(operation.responses["204"], { description: "Nothing to do." });
  assert.deepEqual(Object.keys(operation.responses), "201 204 400 401 404 413 415 429 500 503 504".split(" "));
  const problem = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  assert.deepEqual(operation.responses["404"], { description: "No such user.", content: problem });
  assert.deepEqual(operation.responses["429"], { $ref: "#/components/responses/Problem429" });
  assert.deepEqual(document.components.responses["Problem429"], { description: "Too many.", content: problem });
  assert.deepEqual(operation.security, [{ bearer: [] }]);
  assert.deepEqual(document.components.securitySchemes, { bearer: { type: "http", scheme: "bearer" } });
  assert.deepEqual(Object.keys(document.components.schemas), ["Problem", "User", "UserInput"]);
  const { summary, description, tags, deprecated, operationId } = operation;
  assert.deepEqual(
    { summary, description, tags, deprecated, operationId },
    { summary: "Changes", description: "Changes a user.", tags: ["users"], deprecated: true, operationId: "change" },
  );
});

test("an endpoint that says nothing has an operationId, an answer, and its path's parameters", () => {
  const operation = only(documentOf("get", "/a-b/:id(\\d+)/:other", {}));
  assert.equal(operation.operationId, "getABIdOther");
  assert.deepEqual(operation.responses["2XX"], { description: "The answer." });
  assert.deepEqual(
    operation.parameters?.map((p) => [p.name, p.required]),
    [
      ["id", true],
      ["other", true],
    ],
  );
});

test("a body may be a form", () => {
  const fields = z.object({ email: z.email(), tags: z.array(z.string()) });
  const operation = only(documentOf("post", "/", { body: form(fields) }));
  const schema = operation.requestBody?.content["application/x-www-form-urlencoded"]?.schema;
  assert.deepEqual(Object.keys(schema?.["properties"] ?? {}), ["email", "tags"]);
  assert.deepEqual(Object.keys(operation.requestBody?.content ?? {}), ["application/x-www-form-urlencoded"]);
});

test("a body may be multipart, with files that are no JSON", () => {
  const fields = z.object({ title: z.string() }).meta({ id: "Fields" });
  const files = {
    cover: { maxBytes: 10, types: ["image/png", "image/jpeg"] },
    note: { maxBytes: 5, types: ["text/plain"], optional: true },
    pages: { maxBytes: 5, maxCount: 2 },
  };
  const document = documentOf("post", "/", { body: multipart({ fields, files }) });
  const file = (contentMediaType: string, maxBytes: number): object => ({
    contentMediaType,
    description: `A file of at most ${maxBytes} bytes.`,
  });
  const octets = "application/octet-stream";
  assert.deepEqual(only(document).requestBody?.content, {
    "multipart/form-data": {
      schema: {
        type: "object",
        properties: {
          title: { type: "string" },
          cover: file(octets, 10),
          note: file("text/plain", 5),
          pages: { type: "array", items: file(octets, 5), maxItems: 2 },
        },
        required: ["title", "cover"],
      },
      encoding: { cover: { contentType: "image/png, image/jpeg" }, note: { contentType: "text/plain" } },
    },
  });
  const bare = only(documentOf("post", "/", { body: multipart({ files: { f: { maxBytes: 1 } } }) }));
  const schema = bare.requestBody?.content["multipart/form-data"]?.schema;
  assert.deepEqual(schema?.["required"], ["f"]);
  const wrong: EndpointSpec = { body: multipart({ fields: z.record(z.string(), z.string()), files }) };
  assert.ok(only(documentOf("post", "/", wrong)).requestBody);
});

test("answers may be event streams, text and bytes", () => {
  const responses = {
    200: { description: "What happens.", events: user },
    203: { description: "A table.", type: "text/csv", headers: { "content-disposition": "A name." } },
    206: { description: "A page.", type: "application/pdf" },
  };
  const operation = only(documentOf("get", "/", { responses }));
  const event = operation.responses["200"]?.content?.["text/event-stream"]?.schema;
  const properties = event?.["properties"] as Record<string, unknown> | undefined;
  assert.deepEqual(properties?.["data"], { $ref: "#/components/schemas/User" });
  assert.deepEqual(operation.responses["203"]?.content, { "text/csv": { schema: { type: "string" } } });
  assert.ok(operation.responses["203"]?.headers?.["content-disposition"]);
  const pdf = { "application/pdf": { schema: { contentMediaType: "application/pdf" } } };
  assert.deepEqual(operation.responses["206"]?.content, pdf);
});

test("handlers that are no endpoints are left out", () => {
  const router = new Router().get("/plain", () => json(1)).handle("/any", () => json(1));
  assert.deepEqual(openapi(router, { info }).paths, {});
});

test("credentials that everything needs are asked of every operation", () => {
  const key = { type: "apiKey", in: "header", name: "x-key" } as const;
  const router = new Router().get(
    "/",
    endpoint({}, () => json(1)),
  );
  const document = openapi(router, { info, security: { key } });
  assert.deepEqual(only(document).security, [{ key: [] }]);
  assert.deepEqual(document.components.securitySchemes, { key });
});

describe("named schemas", () => {
  test("are one where input and output are the same, through everything they refer to", () => {
    const pet = z.looseObject({ name: z.string() }).meta({ id: "Pet" });
    const owner = z.looseObject({ pets: z.array(pet) }).meta({ id: "Owner" });
    const same = documentOf("post", "/", { body: owner, responses: { 200: owner } });
    assert.deepEqual(Object.keys(same.components.schemas), ["Owner", "Pet", "Problem"]);
    const named = z.looseObject({ name: z.string().default("x") }).meta({ id: "Named" });
    const keeper = z.looseObject({ pets: z.array(named) }).meta({ id: "Keeper" });
    const other = documentOf("post", "/", { body: keeper, responses: { 200: keeper } });
    assert.deepEqual(Object.keys(other.components.schemas), [
      "Keeper",
      "KeeperInput",
      "Named",
      "NamedInput",
      "Problem",
    ]);
    const { properties } = other.components.schemas["KeeperInput"] as { properties: { pets: object } };
    assert.deepEqual(properties.pets, { type: "array", items: { $ref: "#/components/schemas/NamedInput" } });
  });

  test("may contain themselves", () => {
    const tree: z.ZodType = z.object({ children: z.lazy(() => z.array(tree)) }).meta({ id: "Tree" });
    const { schemas } = documentOf("get", "/", { responses: { 200: tree } }).components;
    assert.deepEqual(schemas["Tree"]?.["properties"], {
      children: { type: "array", items: { $ref: "#/components/schemas/Tree" } },
    });
  });

  test("may be parameters", () => {
    const page = z.object({ limit: z.coerce.number() }).meta({ id: "Page" });
    assert.deepEqual(only(documentOf("get", "/", { query: page })).parameters?.[0]?.name, "limit");
  });

  test("are named by a title where the library has no ids", () => {
    const pet = v.pipe(v.object({ name: v.string() }), v.title("Pet"));
    const router = new Router().post(
      "/",
      endpoint({ body: v.object({ pet }), responses: { 200: pet } }, () => json(1)),
    );
    const document = openapi(router, { info, toJsonSchema: valibot });
    assert.deepEqual(only(document).responses["200"]?.content?.["application/json"]?.schema, {
      $ref: "#/components/schemas/Pet",
    });
    assert.deepEqual(Object.keys(document.components.schemas), ["Pet", "Problem"]);
  });
});

function valibot(schema: unknown, typeMode: "input" | "output"): object {
  return toJsonSchema(schema as v.GenericSchema, { typeMode });
}

test("arktype says its JSON Schema by itself: what it accepts of a request, what it gives in an answer", () => {
  const number = type({ n: "string.integer.parse" });
  const operation = only(documentOf("post", "/", { body: number, responses: { 200: number } }));
  const sides = [operation.requestBody?.content, operation.responses["200"]?.content].map((content) => {
    const schema = content?.["application/json"]?.schema as { properties: { n: { type: string } } } | undefined;
    return schema?.properties.n.type;
  });
  assert.deepEqual(sides, ["string", "integer"]);
});

describe("what cannot be expressed says where it is", () => {
  const cases: { name: string; pattern?: string; spec: EndpointSpec; want: RegExp }[] = [
    {
      name: "a date in an answer",
      spec: { responses: { 200: z.object({ items: z.array(z.object({ created: z.date() })) }) } },
      want: /^Failure: openapi: POST \/x: responses\[200\]: items\[\]\.created: Date cannot be represented/,
    },
    { name: "a bigint", spec: { body: z.object({ n: z.bigint() }) }, want: /POST \/x: body: n: BigInt cannot/ },
    {
      name: "what a transform gives",
      spec: { responses: { 200: z.object({ n: z.string().transform(Number) }) } },
      want: /responses\[200\]: n: Transforms cannot/,
    },
    {
      name: "a library without JSON Schema",
      spec: { body: v.object({}) },
      want: /body: valibot needs the option toJsonSchema/,
    },
    {
      name: "parameters that are no object",
      spec: { query: z.string() },
      want: /query: a schema of parameters must be/,
    },
    {
      name: "a parameter that the path does not have",
      spec: { params: z.object({ id: z.string() }) },
      want: /params: id: the path has no such parameter/,
    },
    {
      name: "an optional part",
      pattern: "/x/:id?",
      spec: {},
      want: /POST \/x\/:id\?: :id\? is optional: write two routes/,
    },
    { name: "a part without a name", pattern: "/x/*", spec: {}, want: /needs a name of its own/ },
    {
      name: "two schemas of one name",
      spec: {
        body: z.object({ n: z.string() }).meta({ id: "A" }),
        query: z.object({ m: z.string() }).meta({ id: "A" }),
      },
      want: /body: two different schemas are called A/,
    },
  ];
  for (const { name, pattern = "/x", spec, want } of cases) {
    test(name, () => {
      assert.throws(
        () => documentOf("post", pattern, spec),
        (err) => {
          assert.match(String(err), want);
          return true;
        },
      );
    });
  }

  test("two operations of one id, and a route for every method", () => {
    const router = new Router();
    for (const path of ["/a", "/b"])
      router.get(
        path,
        endpoint({ operationId: "one" }, () => json(1)),
      );
    assert.throws(() => openapi(router, { info }), /GET \/b: operationId: one is that of GET \/a too/);
    const every = new Router().handle(
      "/a",
      endpoint({}, () => json(1)),
    );
    assert.throws(() => openapi(every, { info }), /\* \/a: OpenAPI has no such method/);
  });
});
