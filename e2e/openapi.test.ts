import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { Validator } from "@seriousme/openapi-schema-validator";
import openapiTS, { astToString } from "openapi-typescript";
import { Storefront, tempDir } from "./storefront.ts";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);

interface Document {
  readonly [field: string]: unknown;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

describe("the storefront's OpenAPI document", { timeout: 120_000 }, () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let shop: Storefront;
  let document: Document;
  before(async () => {
    dir = await tempDir();
    shop = await Storefront.start({ DATA_DIR: join(dir.path, "data"), NODE_ENV: "test" });
    document = (await shop.call<Document>("GET", "/openapi.json")).body;
  });
  after(async () => {
    await shop[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });
  const operations = (): string[] =>
    Object.values(document.paths)
      .flatMap((path) => Object.values(path))
      .map((operation) => operation.operationId)
      .toSorted();

  it("is valid by the schema of OpenAPI 3.1, and describes every route but its own", async () => {
    const result = await new Validator().validate(structuredClone(document));
    assert.deepEqual(result.errors ?? [], []);
    assert.equal(result.valid, true);
    const { body } = await shop.call<{ routes: string[] }>("GET", "/");
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
    );
    assert.deepEqual([...described, "GET /openapi.json", "GET /docs"].toSorted(), body.routes.toSorted());
  });

  it("has an ETag", async () => {
    const { headers } = await shop.call("GET", "/openapi.json");
    const again = await shop.call("GET", "/openapi.json", undefined, {
      headers: { "if-none-match": headers.get("etag") ?? "" },
    });
    assert.equal(again.status, 304);
  });

  it("makes a typed client that compiles, and calls every operation", async () => {
    const client = join(dir.path, "client");
    await mkdir(client);
    // The generator's document type is its own view of the same thing.
    const nodes = await openapiTS(structuredClone(document) as never);
    await writeFile(join(client, "schema.d.ts"), astToString(nodes));
    await writeFile(join(client, "package.json"), '{ "type": "module" }');
    await writeFile(join(client, "tsconfig.json"), JSON.stringify(TSCONFIG));
    await copyFile(join(import.meta.dirname, "openapi-client.txt"), join(client, "client.ts"));
    await symlink(join(ROOT, "node_modules"), join(client, "node_modules"));
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    await run(process.execPath, [tsc, "-p", client]).catch((err: { stdout?: string }) => assert.fail(err.stdout));
    const { stdout } = await run(process.execPath, [join(client, "client.ts"), shop.url]);
    const said = JSON.parse(stdout) as { called: string[]; reason: string };
    assert.deepEqual(said.called.toSorted(), operations());
    assert.equal(said.reason, "user/has_accounts");
  });
});

const TSCONFIG = {
  compilerOptions: {
    target: "es2024",
    lib: ["es2024", "dom"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  },
  include: ["client.ts"],
};
