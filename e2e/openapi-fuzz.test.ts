import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
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
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
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
  readonly body: string | undefined;
  readonly type: string;
}

describe("requests made of the storefront's own document", { timeout: 90_000 }, () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let shop: Storefront;
  let document: Document;
  let known: Known;
  // The schemas of the document, compiled: the document is held against what goes over the wire.
  let ajv: Ajv2020;
  before(async () => {
    dir = await tempDir();
    // "test": an answer that is not as its endpoint says is a 500.
    shop = await Storefront.start({ DATA_DIR: join(dir.path, "data"), NODE_ENV: "test" });
    document = (await shop.call<Document>("GET", "/openapi.json")).body;
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
    const ids = [...found, "00000000-0000-0000-0000-000000000000"];
    known = { schemas: document.components.schemas, ids };
    ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    ajv.addSchema({ $id: "document", ...document });
  });
  after(async () => {
    await shop[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });

  it("never get a 500, and only answers that it describes", async (t) => {
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    );
    for (const { path, method, operation } of operations) {
      await t.test(operation.operationId, async (t) => {
        const statuses = new Map<number, number>();
        const property = fc.asyncProperty(requests(operation, known), async (request) => {
          const status = await send(method, path, operation, request);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        });
        const varies = operation.parameters !== undefined || operation.requestBody !== undefined;
        const interruptAfterTimeLimit = BUDGET_MS / operations.length;
        await fc.assert(property, {
          numRuns: varies ? 2000 : 10,
          interruptAfterTimeLimit,
          markInterruptAsFailure: false,
          // However few there is time for, these are among them.
          examples: operation.requestBody === undefined ? [] : surelyWrong(operation).map((request) => [request]),
        });
        t.diagnostic([...statuses].map(([status, times]) => `${status}: ${times}`).join(", "));
        assert.ok(statuses.size > 0, "no request was made");
        const wanted = operation.requestBody === undefined ? [] : [400, 415];
        for (const status of wanted)
          assert.ok(statuses.has(status), `no ${status} among ${[...statuses.keys()].join()}`);
      });
    }
  });

  async function send(method: string, path: string, operation: Operation, request: Request): Promise<number> {
    const target = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(request.path[name]!));
    const response = await fetch(`${shop.url}${target}?${new URLSearchParams(request.query).toString()}`, {
      // fetch leaves a "patch" as it is, and HTTP knows no such method.
      method: method.toUpperCase(),
      headers: { ...request.header, ...(request.body === undefined ? {} : { "content-type": request.type }) },
      body: request.body ?? null,
    });
    const { status } = response;
    const text = await response.text();
    assert.ok(status < 500, `${status}: ${text}`);
    const given = operation.responses[status];
    assert.ok(given !== undefined, `${status} is not documented: ${text}`);
    const answer = given.$ref === undefined ? given : document.components.responses[given.$ref.split("/").at(-1)!]!;
    const type = response.headers.get("content-type")?.split(";")[0];
    assert.deepEqual(
      type === undefined ? [] : [type],
      Object.keys(answer.content ?? {}),
      `${status}: its content-type`,
    );
    if (type !== undefined) {
      const place = given.$ref ?? `#/paths/${escaped(path)}/${method}/responses/${status}`;
      const validate = ajv.getSchema(`document${place}/content/${escaped(type)}/schema`);
      assert.ok(validate !== undefined, place);
      assert.ok(validate(JSON.parse(text)) === true, `${status}: ${ajv.errorsText(validate.errors)}: ${text}`);
    }
    return status;
  }
});

function surelyWrong({ parameters = [] }: Operation): Request[] {
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const path = Object.fromEntries(inPath.map(({ name }) => [name, "00000000-0000-0000-0000-000000000000"]));
  const request = { path, query: {}, header: {}, body: "{", type: "application/json" };
  return [request, { ...request, type: "text/plain" }];
}

function requests({ parameters = [], requestBody }: Operation, known: Known): fc.Arbitrary<Request> {
  const schema = requestBody?.content["application/json"].schema;
  return fc.record({
    path: fields("path", parameters, known),
    query: fields("query", parameters, known),
    header: fields("header", parameters, known),
    body: schema === undefined ? fc.constant(undefined) : bodies(schema, known),
    type: often(fc.constant("application/json"), fc.constantFrom("text/plain", "application/problem+json", "a/b;c=d")),
  });
}

function bodies(schema: Schema, known: Known): fc.Arbitrary<string> {
  const json = often(valid(schema, known), broken(schema, known)).map((value) => JSON.stringify(value) ?? "null");
  return often(json, fc.constantFrom("", "{", "nul", "[".repeat(10_000), `{"__proto__":1}`, `"\\ud800"`));
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
