import assert from "node:assert/strict";
import { openSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, after, before, describe, it } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { background } from "millrace/context";
import { Router, endpoint, form, json, multipart, sse, text } from "millrace/http";
import { listen } from "millrace/http/node";
import { standard } from "millrace/middleware";
import { openapi } from "millrace/openapi";
import { z } from "zod";
import { type Known, type Schema, broken, valid } from "./arbitrary.ts";
import { Storefront, tempDir } from "./storefront.ts";

// All operations together; each has the same share of it.
const BUDGET_MS = 16_000;

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}
interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, unknown>>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, Answer>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Answer>>;
  };
}
interface Request {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly header: Readonly<Record<string, string>>;
  readonly body: Body;
  /** type is another media type than the documented one. */
  readonly type: string | undefined;
}
/** Body is what is to be encoded as the document says, or bytes as they are. */
type Body = { readonly value: unknown } | { readonly raw: string } | undefined;
/** Service is what is asked, and what it says of itself; the document is held against what goes over the wire. */
interface Service {
  readonly url: string;
  readonly document: Document;
  readonly known: Known;
  readonly ajv: Ajv2020;
}

describe("requests made of the storefront's own document", { timeout: 90_000 }, () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let shop: Storefront;
  let service: Service;
  before(async () => {
    dir = await tempDir();
    // "test": an answer that is not as its endpoint says is a 500.
    shop = await Storefront.start({ DATA_DIR: join(dir.path, "data"), NODE_ENV: "test" });
    const document = (await shop.call<Document>("GET", "/openapi.json")).body;
    const accounts = await shop.openAccounts(2, "1000000.00");
    const [from_account_id, to_account_id] = accounts;
    const made = [
      await shop.call("POST", "/api/v1/transfers", { from_account_id, to_account_id, amount: "1" }),
      await shop.call("POST", "/api/v1/users", { email: "alone@example.com", name: "Owns nothing" }),
    ];
    const user = made[1]!.body["id"];
    made.push(
      await shop.call("POST", "/api/v1/posts", { author_id: user, title: "Note G", body: "On Bernoulli's numbers." }),
      await shop.call("POST", "/api/v1/orders", { user_id: user, items: [{ sku: "A", quantity: 2, unit_price: "1" }] }),
    );
    const users = await shop.call<{ items: { id: string }[] }>("GET", "/api/v1/users");
    const found = [...accounts, ...made.map(({ body }) => String(body["id"])), users.body.items[0]!.id];
    service = serviceOf(shop.url, document, [...found, NOBODY]);
  });
  after(async () => {
    await shop[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });

  it("never get a 500, and only answers that it describes", async (t) => {
    await askEverything(t, service, BUDGET_MS);
  });
});

describe("requests made of a document with forms, files and streams", { timeout: 60_000 }, () => {
  const saved = process.env["NODE_ENV"];
  before(() => (process.env["NODE_ENV"] = "test"));
  after(() => {
    if (saved === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = saved;
  });

  it("never get a 500, and only answers that it describes", async (t) => {
    const fields = z.object({ title: z.string().max(20), tags: z.array(z.string()).default([]) });
    const files = { cover: { maxBytes: 90 }, pages: { maxBytes: 100, maxCount: 3 } };
    const router = new Router().use(...standard({ accessLog: { fd: NOWHERE } }));
    router.post(
      "/form",
      endpoint({ body: form(fields), responses: { 200: fields } }, (_ctx, { body }) => json(body)),
    );
    router.post(
      "/multipart/:n",
      endpoint({ body: multipart({ fields, files }), responses: { 200: z.number() } }, (_ctx, { body }) =>
        json(body.files.cover.bytes.length + body.files.pages.length + body.fields.tags.length),
      ),
    );
    router.get(
      "/events",
      endpoint(
        { query: z.object({ n: z.string() }), responses: { 200: { description: "Numbers.", events: z.string() } } },
        (ctx, { query }) => sse(ctx, ReadableStream.from([{ data: JSON.stringify(query.n) }])),
      ),
    );
    router.get(
      "/table",
      endpoint(
        { query: z.object({ n: z.string() }), responses: { 200: { description: "A table.", type: "text/plain" } } },
        (_ctx, { query }) => text(query.n),
      ),
    );
    await using server = await listen(background, { addr: "127.0.0.1:0", handler: router });
    // What goes over the wire is what is asked by.
    const document = JSON.parse(
      JSON.stringify(openapi(router, { info: { title: "Forms", version: "1" } })),
    ) as Document;
    const valid = await new Validator().validate({ ...structuredClone(document) });
    assert.deepEqual([valid.valid, valid.errors ?? []], [true, []]);
    await askEverything(t, serviceOf(server.url, document, [NOBODY]), BUDGET_MS / 4);
  });
});

const NOBODY = "00000000-0000-0000-0000-000000000000";
const NOWHERE = openSync("/dev/null", "w");

function serviceOf(url: string, document: Document, ids: readonly string[]): Service {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: "document", ...document });
  return { url, document, known: { schemas: document.components.schemas, ids }, ajv };
}

async function askEverything(t: TestContext, service: Service, budgetMs: number): Promise<void> {
  const operations = Object.entries(service.document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  for (const { path, method, operation } of operations) {
    await t.test(operation.operationId, async (t) => {
      const statuses = new Map<number, number>();
      const examples = operation.requestBody === undefined ? [] : surelyWrong(operation);
      const until = performance.now() + budgetMs / operations.length;
      let asked = 0;
      const property = fc.asyncProperty(requests(operation, service.known), async (request) => {
        // However slow the machine is, the examples are asked, and one more.
        if (asked > examples.length && performance.now() > until) return;
        asked++;
        const status = await send(service, method, path, operation, request);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      });
      const varies = operation.parameters !== undefined || operation.requestBody !== undefined;
      await fc.assert(property, { numRuns: varies ? 1000 : 10, examples: examples.map((request) => [request]) });
      t.diagnostic([...statuses].map(([status, times]) => `${status}: ${times}`).join(", "));
      assert.ok(statuses.size > 0, "no request was made");
      const wanted = operation.requestBody === undefined ? [] : [400, 415];
      for (const status of wanted) assert.ok(statuses.has(status), `no ${status} among ${[...statuses.keys()].join()}`);
    });
  }
}

async function send(
  { url, document, ajv }: Service,
  method: string,
  path: string,
  operation: Operation,
  request: Request,
): Promise<number> {
  const target = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(request.path[name]!));
  const { body, type: bodyType } = encoded(bodyTypeOf(operation), request);
  const response = await fetch(`${url}${target}?${new URLSearchParams(request.query).toString()}`, {
    // fetch leaves a "patch" as it is, and HTTP knows no such method.
    method: method.toUpperCase(),
    headers: { ...request.header, ...(bodyType === undefined ? {} : { "content-type": bodyType }) },
    body,
  });
  const { status } = response;
  const answered = await response.text();
  assert.ok(status < 500, `${status}: ${answered}`);
  const given = operation.responses[status];
  assert.ok(given !== undefined, `${status} is not documented: ${answered}`);
  const answer = given.$ref === undefined ? given : document.components.responses[given.$ref.split("/").at(-1)!]!;
  const type = response.headers.get("content-type")?.split(";")[0];
  assert.deepEqual(type === undefined ? [] : [type], Object.keys(answer.content ?? {}), `${status}: its content-type`);
  if (type?.endsWith("json") === true) {
    const place = given.$ref ?? `#/paths/${escaped(path)}/${method}/responses/${status}`;
    const validate = ajv.getSchema(`document${place}/content/${escaped(type)}/schema`);
    assert.ok(validate !== undefined, place);
    assert.ok(validate(JSON.parse(answered)) === true, `${status}: ${ajv.errorsText(validate.errors)}: ${answered}`);
  }
  return status;
}

function bodyTypeOf({ requestBody }: Operation): string | undefined {
  return Object.keys(requestBody?.content ?? {})[0];
}

/** encoded is a request's body as its media type has it. fetch names the boundary of a FormData. */
function encoded(
  documented: string | undefined,
  { body, type = documented }: Request,
): { body: string | FormData | null; type?: string | undefined } {
  if (body === undefined) return { body: null };
  if ("raw" in body) return { body: body.raw, type: type === MULTIPART ? `${MULTIPART}; boundary=x` : type };
  if (documented === JSON_TYPE) return { body: JSON.stringify(body.value) ?? "null", type };
  const pairs = Object.entries(Object(body.value) as object).flatMap(([name, value]) =>
    [value as unknown].flat().map((one): [string, unknown] => [name, one]),
  );
  if (documented !== MULTIPART)
    return { body: new URLSearchParams(pairs.map(([name, value]) => [name, plain(value)])).toString(), type };
  const data = new FormData();
  for (const [name, value] of pairs) {
    if (value instanceof Uint8Array) data.append(name, new Blob([Buffer.from(value)]), "file");
    else data.append(name, plain(value));
  }
  return { body: data, type: type === documented ? undefined : type };
}

const JSON_TYPE = "application/json";
const MULTIPART = "multipart/form-data";

function surelyWrong({ parameters = [] }: Operation): Request[] {
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const path = Object.fromEntries(inPath.map(({ name }) => [name, NOBODY]));
  const request = { path, query: {}, header: {}, body: { raw: "{" }, type: undefined };
  return [request, { ...request, type: "text/plain" }];
}

function requests(operation: Operation, known: Known): fc.Arbitrary<Request> {
  const { parameters = [], requestBody } = operation;
  const schema = requestBody?.content[bodyTypeOf(operation)!]?.schema;
  return fc.record({
    path: fields("path", parameters, known),
    query: fields("query", parameters, known),
    header: fields("header", parameters, known),
    body: schema === undefined ? fc.constant(undefined) : bodies(schema, known),
    type: often(fc.constant(undefined), fc.constantFrom("text/plain", "application/problem+json", "a/b;c=d")),
  });
}

const BROKEN = ["", "{", "nul", "[".repeat(10_000), `{"__proto__":1}`, `"\\ud800"`, "a=%zz&=&&", "--x\r\n\r\n--x--"];

function bodies(schema: Schema, known: Known): fc.Arbitrary<Body> {
  const made = often(valid(schema, known), broken(schema, known)).map((value) => ({ value }));
  return often<Body>(made, fc.constantFrom(...BROKEN.map((raw) => ({ raw }))));
}

// The texts of the parameters in one place; those that may be left out sometimes are.
function fields(place: Parameter["in"], all: readonly Parameter[], known: Known): fc.Arbitrary<Record<string, string>> {
  const own = all.filter((parameter) => parameter.in === place);
  const model = own.map(({ name, schema }) => [
    name,
    often(valid(schema, known), broken(schema, known)).map(TEXT[place]),
  ]);
  // Each name has its own arbitrary of texts.
  return fc.record(Object.fromEntries(model) as Record<string, fc.Arbitrary<string>>, {
    requiredKeys: place === "path" ? own.map(({ name }) => name) : [],
  });
}

const plain = (value: unknown): string =>
  (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).toWellFormed();

const TEXT = {
  // An empty segment and dots would be another path.
  path: (value: unknown) => plain(value).replace(/^\.{0,2}$/, "x"),
  query: plain,
  header: (value: unknown) =>
    plain(value)
      .replaceAll(/[^\x21-\x7e]/g, "_")
      .slice(0, 2000),
};

function often<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: usual, weight: 3 }, { arbitrary: odd, weight: 1 });
}

/** escaped is a path as a step of a JSON Pointer in a URI fragment. */
function escaped(text: string): string {
  return encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
}
