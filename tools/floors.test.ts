import assert from "node:assert/strict";
import { test } from "node:test";
import { violations } from "./floors.ts";

/** Each row is a file that must be refused, with what the refusal must say. */
const refused: readonly (readonly [file: string, source: string, says: RegExp])[] = [
  [
    "millrace/src/errors/x.ts",
    'import { sleep } from "../context/index.ts";',
    /errors \(floor 0\) imports context \(floor 2\)/,
  ],
  ["millrace/src/errors/x.ts", 'import type { Ctx } from "../context/index.ts";', /floor 2/],
  ["millrace/src/errors/x.ts", 'import { type Ctx } from "../context/index.ts";', /floor 2/],
  ["millrace/src/errors/x.ts", 'export type { Ctx } from "../context/index.ts";', /floor 2/],
  ["millrace/src/errors/x.ts", 'export * from "../context/index.ts";', /floor 2/],
  ["millrace/src/errors/x.ts", 'import "../context/index.ts";', /floor 2/],
  ["millrace/src/errors/x.ts", 'export type A = import("../context/index.ts").Ctx;', /floor 2/],
  ["millrace/src/errors/x.ts", 'await import("../context/index.ts");', /floor 2/],
  ["millrace/src/errors/x.ts", "await import(`../context/index.ts`);", /floor 2/],
  ["millrace/src/errors/x.ts", 'import c = require("../context/index.ts");', /floor 2/],
  ["millrace/src/errors/x.ts", 'new Worker(new URL("../context/w.ts", import.meta.url));', /floor 2/],
  ["millrace/src/errors/x.ts", 'import.meta.resolve("pg");', /optional peer pg/],
  ["millrace/src/errors/x.ts", 'require("pg");', /optional peer pg/],
  ["millrace/src/errors/x.ts", 'import/* a */{ x }/* b */from/*c*/"../context/index.ts";', /floor 2/],
  ["millrace/src/errors/x.ts", 'import "../errors/../context/index.ts";', /floor 2/],
  ["millrace/src/errors/x.ts", "await import(name);", /computed/],
  ["millrace/src/errors/x.ts", "await import(`../${name}.ts`);", /computed/],
  ["millrace/src/errors/x.ts", 'import "/etc/x.ts";', /relative path/],
  ["millrace/src/errors/x.ts", 'import "#x";', /relative path/],
  ["millrace/src/errors/x.ts", 'import "data:text/javascript,1";', /relative path/],
  ["millrace/src/errors/x.ts", 'import { Failure } from "./index.ts";', /own folder's index/],
  ["millrace/src/errors/x.ts", 'import { Failure } from "../errors/index.ts";', /own folder's index/],
  ["millrace/src/errors/deep/x.ts", 'import "./index.ts";', /own folder's index/],
  ["millrace/src/errors/x.ts", 'import "../../../storefront/cmd/api/main.ts";', /outside of millrace/],
  ["millrace/src/errors/x.ts", 'import "millrace/time";', /relative path/],
  ["millrace/src/errors/x.ts", 'import "../nowhere/x.ts";', /no folder of the floors' table/],
  ["millrace/src/errors/x.ts", 'import "../time/index.ts";', /imports time \(floor 0\)/],
  ["millrace/src/nowhere/x.ts", "", /no folder of the floors' table/],
  ["millrace/src/x.ts", "", /no folder of the floors' table/],
  ["millrace/src/httpx/x.ts", "", /no folder of the floors' table/],
  ["millrace/src/errors/x.ts", 'import "node:fs";', /may not use node:fs/],
  ["millrace/src/config/x.ts", 'import "node:fs/promises";', /may not use node:fs\/promises/],
  ["millrace/src/config/x.ts", 'import "fs";', /may not use the package fs/],
  ["millrace/src/log/x.ts", 'import "rou3";', /may not use the package rou3/],
  ["millrace/src/sql/x.ts", 'import type { Client } from "pg";', /optional peer pg/],
  ["millrace/src/sql/x.ts", 'import "@electric-sql/pglite/contrib/x";', /optional peer @electric-sql\/pglite/],
  ["millrace/src/http/x.ts", 'import "./node/index.ts";', /imports http\/node \(floor 8\)/],
  ["millrace/src/sql/postgres/x.ts", 'import "../pglite/index.ts";', /same|floor 8/],
  ["millrace/src/log/x.ts", 'import "../config/index.ts";', /config \(floor 5\)/],
  ["storefront/internal/domain/x.ts", 'import "millrace/context";', /only millrace\/errors/],
  ["storefront/internal/domain/x.ts", 'import type { z } from "zod";', /only millrace\/errors/],
  ["storefront/internal/domain/x.ts", 'import "node:crypto";', /only millrace\/errors/],
  ["storefront/internal/domain/x.ts", 'import "../service/x.ts";', /domain imports internal\/service/],
  ["storefront/internal/service/x.ts", 'import type { R } from "../repository/x.ts";', /only lower layers/],
  ["storefront/internal/handler/x.ts", 'import "../repository/x.ts";', /edges never import each other/],
  ["storefront/internal/job/x.ts", 'import "../handler/x.ts";', /edges never import each other/],
  ["storefront/internal/platform/x.ts", 'import "../../cmd/api/main.ts";', /imports cmd/],
  ["storefront/internal/handler/x.ts", 'import "../../../millrace/src/http/index.ts";', /outside of its layers/],
  ["storefront/internal/service/x.ts", 'import "../../db/gen/posts.ts";', /service imports db\/gen/],
  ["storefront/db/gen/x.ts", 'import "millrace/log";', /only millrace\/context/],
  ["cli/src/io.ts", 'import "./migrate/main.ts";', /io\.ts \(floor 9\) imports migrate/],
  ["cli/src/migrate/x.ts", 'import "../gen-sql/main.ts";', /only lower floors/],
  ["cli/src/migrate/x.ts", 'import "../../../millrace/src/sql/index.ts";', /outside of cli\/src/],
  ["cli/src/migrate/x.ts", 'import "node:net";', /may not use node:net/],
  ["cli/src/nowhere/x.ts", "", /no folder of the floors' table/],
  ["storefront/helpers/x.ts", "", /no layer/],
  ["bench/http/x.ts", 'import "../../millrace/src/http/index.ts";', /subpath of millrace/],
];

for (const [file, source, says] of refused) {
  test(`refused: ${file}: ${source}`, () => {
    const found = violations(file, source);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0]!, says);
  });
}

const allowed: readonly (readonly [file: string, source: string])[] = [
  ["millrace/src/context/x.ts", 'import { Failure } from "../errors/index.ts"; import { a } from "./node.ts";'],
  ["millrace/src/errors/x.test.ts", 'import "../app/index.ts"; import "./index.ts"; import "node:fs";'],
  ["millrace/src/sql/testing/x.ts", 'import "../../app/index.ts";'],
  ["millrace/src/http/router/x.ts", 'import "../req.ts"; import { compile } from "rou3/compiler";'],
  ["millrace/src/sql/postgres/x.ts", 'import { Client } from "pg"; import "../index.ts"; import "node:net";'],
  ["millrace/src/errors/x.ts", '// import "../app/index.ts";\nconst s = \'import "../app/index.ts"\'; export { s };'],
  [
    "storefront/internal/domain/x.ts",
    'import { Failure } from "millrace/errors"; import Big from "big.js"; import "./y.ts";',
  ],
  ["storefront/internal/handler/x.ts", 'import "../service/x.ts"; import "millrace/http"; import "zod";'],
  ["storefront/internal/repository/x.ts", 'import "../../db/gen/x.ts"; import "millrace/sql";'],
  ["storefront/db/gen/x.ts", 'import type { Querier } from "millrace/sql";'],
  ["storefront/cmd/api/main.ts", 'import "../../internal/platform/x.ts";'],
  ["millrace/src/sql/pglite/x.ts", "new Worker(new URL(file, import.meta.url));"],
  ["bench/x.ts", "await import(name);"],
];

for (const [file, source] of allowed) {
  test(`allowed: ${file}: ${source}`, () => assert.deepEqual(violations(file, source), []));
}

test("a file that does not parse is an error, not a clean file", () => {
  assert.throws(() => violations("millrace/src/errors/x.ts", "import {"));
});
