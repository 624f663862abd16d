import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  CODES,
  type Code,
  Failure,
  ValidationFailure,
  as,
  attempt,
  codeFromGrpc,
  codeFromHttp,
  codeOf,
  grpcStatus,
  httpStatus,
  is,
  isRetryable,
  join,
  sentinel,
  wrap,
} from "./index.ts";

class NoRows extends Failure {}

describe("codes", () => {
  // From the design, and https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
  const table: [code: Code, http: number, grpc: number][] = [
    ["canceled", 499, 1],
    ["unknown", 500, 2],
    ["invalid_argument", 400, 3],
    ["deadline_exceeded", 504, 4],
    ["not_found", 404, 5],
    ["already_exists", 409, 6],
    ["permission_denied", 403, 7],
    ["resource_exhausted", 429, 8],
    ["failed_precondition", 409, 9],
    ["aborted", 409, 10],
    ["out_of_range", 400, 11],
    ["unimplemented", 501, 12],
    ["internal", 500, 13],
    ["unavailable", 503, 14],
    ["data_loss", 500, 15],
    ["unauthenticated", 401, 16],
  ];
  test("all sixteen are in the table", () => assert.deepEqual(new Set(table.map(([code]) => code)), new Set(CODES)));
  for (const [code, http, grpc] of table) {
    test(code, () => {
      assert.equal(httpStatus(code), http);
      assert.equal(grpcStatus(code), grpc);
      assert.equal(codeFromGrpc(grpc), code);
    });
  }

  test("a gRPC status outside the table is unknown", () => {
    for (const status of [0, 17, -1, 1.5, NaN]) assert.equal(codeFromGrpc(status), "unknown");
  });

  test("a foreign HTTP status gets a code whose own status is of the same class", () => {
    for (let status = 400; status < 600; status++) {
      // A foreign 408 is a deadline that passed, which is a 504 of ours.
      const want = status === 408 ? 5 : Math.floor(status / 100);
      assert.equal(Math.floor(httpStatus(codeFromHttp(status)) / 100), want, String(status));
    }
    for (const status of [401, 403, 404, 409, 429, 499, 501, 503, 504])
      assert.equal(httpStatus(codeFromHttp(status)), status);
    for (const status of [0, 100, 200, 302, NaN]) assert.equal(codeFromHttp(status), "unknown");
  });
});

describe("Failure", () => {
  test("has the defaults of its code", () => {
    for (const code of CODES) {
      const failure = new Failure("m", { code });
      assert.equal(failure.reason, code);
      assert.equal(failure.detail, undefined);
      assert.equal(failure.retryable, code === "unavailable" || code === "aborted");
      assert.equal("cause" in failure, false);
    }
    assert.equal(new Failure("m", { code: "internal", retryable: true }).retryable, true);
    assert.equal(new Failure("m", { code: "unavailable", retryable: false }).retryable, false);
  });

  test("prints its name and takes a stack", () => {
    const failure = new Failure("sql: no rows", { code: "not_found", reason: "sql/no_rows" });
    assert.equal(String(failure), "Failure: sql: no rows");
    assert.match(failure.stack!, /^Failure: sql: no rows\n {4}at .*errors\.test\.ts/);
    assert.ok(failure instanceof Error);
    assert.equal(Object.hasOwn(failure, "name"), false);
  });
});

describe("is and as", () => {
  const rows = new NoRows("no rows", { code: "not_found" });
  const plain = new RangeError("plain");
  const mark = sentinel("pkg/mark", "aborted");
  const loop = new Error("loop");
  loop.cause = new Error("back", { cause: loop });
  const group = new AggregateError([loop, new Error("x", { cause: mark })], "group", { cause: rows });
  group.errors.push(group);

  const cases: { name: string; err: unknown; target: Parameters<typeof is>[1]; want: boolean }[] = [
    { name: "itself", err: rows, target: rows, want: true },
    { name: "its class", err: rows, target: NoRows, want: true },
    { name: "a class above", err: rows, target: Failure, want: true },
    { name: "its code", err: rows, target: "not_found", want: true },
    { name: "another code", err: rows, target: "internal", want: false },
    { name: "another of its class", err: rows, target: new NoRows("no rows", { code: "not_found" }), want: false },
    { name: "a class through the chain", err: wrap(wrap(rows, "a"), "b"), target: NoRows, want: true },
    { name: "a sentinel through the chain", err: wrap(wrap(mark, "a"), "b"), target: mark, want: true },
    {
      name: "the code of a cause",
      err: new Failure("o", { code: "internal", cause: rows }),
      target: "not_found",
      want: true,
    },
    { name: "an error that is no Failure has no code", err: plain, target: "unknown", want: false },
    { name: "the loop ends", err: loop, target: mark, want: false },
    { name: "into a loop", err: loop.cause, target: loop, want: true },
    { name: "a member of several", err: group, target: mark, want: true },
    { name: "the cause of several", err: group, target: NoRows, want: true },
    { name: "a cause that is no error", err: new Error("x", { cause: "not_found" }), target: "not_found", want: false },
    { name: "no error", err: "not_found", target: "not_found", want: false },
    { name: "nothing", err: undefined, target: Failure, want: false },
  ];
  for (const { name, err, target, want } of cases) test(name, () => assert.equal(is(err, target), want));

  test("as gives the first in the walk: outer before inner, members before the cause", () => {
    const outer = new NoRows("outer", { code: "internal", cause: rows });
    assert.equal(as(outer, NoRows), outer);
    assert.equal(as(new Error("x", { cause: outer }), NoRows), outer);
    assert.equal(as(new AggregateError([outer], "", { cause: rows }), NoRows), outer);
    assert.equal(as(plain, NoRows), undefined);
  });

  test("a code that does not exist is a mistake of the caller", () => {
    assert.throws(() => is(plain, "not-found" as Code), /no such code: not-found/);
  });

  test("an AggregateError whose members were replaced does not break the walk", () => {
    const odd = new AggregateError([], "odd");
    (odd as { errors: unknown }).errors = undefined;
    assert.equal(is(odd, mark), false);
  });

  test("a chain of 100,000 errors neither overflows the stack nor takes long", () => {
    let err: Error = mark;
    for (let i = 0; i < 100_000; i++) err = new Error("level", { cause: err });
    assert.equal(is(err, mark), true);
    assert.equal(as(err, NoRows), undefined);
  });

  test("every error of a random graph is found from its root, and no other", () => {
    const parents = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(parents, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), (links, asMember) => {
        const nodes: AggregateError[] = [new AggregateError([], "0")];
        for (const [i, link] of links.entries()) {
          const node = new AggregateError([], String(i + 1));
          const parent = nodes[link % nodes.length]!;
          if (asMember[i] === true || parent.cause !== undefined) parent.errors.push(node);
          else parent.cause = node;
          nodes.push(node);
        }
        for (const node of nodes) assert.equal(is(nodes[0], node), true);
        assert.equal(is(nodes.at(-1), nodes[0]!), nodes.length === 1);
      }),
    );
  });
});

describe("codeOf and isRetryable", () => {
  test("the outermost Failure decides, foreign errors are looked through", () => {
    const inner = new Failure("i", { code: "unavailable" });
    assert.equal(codeOf(new Error("x", { cause: inner })), "unavailable");
    assert.equal(codeOf(new Failure("o", { code: "internal", cause: inner })), "internal");
    assert.equal(isRetryable(new Error("x", { cause: inner })), true);
    assert.equal(isRetryable(new Failure("o", { code: "internal", cause: inner })), false);
    for (const err of [undefined, null, "x", new Error("x")])
      assert.deepEqual([codeOf(err), isRetryable(err)], ["unknown", false]);
  });

  test("a chain that loops ends", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    assert.deepEqual([codeOf(loop), isRetryable(loop)], ["unknown", false]);
  });
});

describe("wrap", () => {
  test("keeps code, reason, detail, retryability and issues, whatever is wrapped how often", () => {
    const failure = fc.record({
      message: fc.string(),
      code: fc.constantFrom(...CODES),
      reason: fc.option(fc.string(), { nil: undefined }),
      detail: fc.option(fc.string(), { nil: undefined }),
      retryable: fc.option(fc.boolean(), { nil: undefined }),
    });
    fc.assert(
      fc.property(failure, fc.array(fc.string(), { minLength: 1, maxLength: 5 }), ({ message, ...options }, whats) => {
        const err = new Failure(message, options);
        const wrapped = whats.reduce<Failure>((inner, what) => wrap(inner, what), err);
        assert.equal(wrapped.message, [...whats.toReversed(), message].join(": "));
        const { code, reason, detail, retryable } = wrapped;
        assert.deepEqual(
          { code, reason, detail, retryable },
          { code: err.code, reason: err.reason, detail: err.detail, retryable: err.retryable },
        );
        assert.ok(is(wrapped, err));
      }),
    );
  });

  test("a ValidationFailure stays one, with its issues and what the client may read", () => {
    const issues = [{ path: ["items", 0, "price"], message: "must be positive" }];
    const err = new ValidationFailure("bad order", issues, { reason: "order/bad" });
    const wrapped = wrap(err, "create order");
    assert.ok(wrapped instanceof ValidationFailure);
    assert.deepEqual(
      [wrapped.issues, wrapped.reason, wrapped.code, wrapped.message],
      [issues, "order/bad", "invalid_argument", "create order: bad order"],
    );
    assert.equal(wrapped.detail, "bad order");
  });

  test("anything else becomes unknown, with the original as its cause", () => {
    const plain = new RangeError("boom");
    for (const [value, text] of [
      [plain, "boom"],
      ["word", "word"],
      [undefined, "undefined"],
      [42n, "42"],
    ] as const) {
      const wrapped = wrap(value, "do");
      assert.deepEqual([wrapped.message, wrapped.code, wrapped.cause], [`do: ${text}`, "unknown", value]);
    }
  });
});

test("join: none, one, several", () => {
  const [a, b] = [new Error("a"), new Error("b")];
  assert.equal(join(), undefined);
  assert.equal(join(undefined, undefined), undefined);
  assert.equal(join(undefined, a), a);
  const both = join(a, undefined, b, "c");
  assert.ok(both instanceof AggregateError);
  assert.equal(both.message, "a; b; c");
  assert.ok(is(both, a) && is(both, b));
});

test("sentinel: a frozen value with no misleading stack", () => {
  const mark = sentinel("sql/no_rows", "not_found", "no rows");
  assert.deepEqual(
    [mark.message, mark.code, mark.reason, mark.stack],
    ["no rows", "not_found", "sql/no_rows", "Failure: no rows"],
  );
  assert.equal(sentinel("a/b", "internal").message, "a/b");
  assert.throws(() => ((mark as { message: string }).message = "x"), TypeError);
});

test("ValidationFailure shows its message to the client", () => {
  const err = new ValidationFailure("2 things are wrong", []);
  assert.deepEqual(
    [err.code, err.reason, err.detail, err.name],
    ["invalid_argument", "validation", "2 things are wrong", "ValidationFailure"],
  );
});

test("attempt: a value or an error, never a throw", async () => {
  const err = new Error("x");
  assert.deepEqual(await attempt(Promise.resolve(1)), [1, undefined]);
  assert.deepEqual(await attempt(Promise.resolve(undefined)), [undefined, undefined]);
  assert.equal((await attempt(Promise.reject(err)))[1], err);
  for (const nothing of [undefined, null]) {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    const [value, thrown] = await attempt(Promise.reject(nothing));
    assert.equal(value, undefined);
    assert.ok(thrown instanceof Error);
  }
});
