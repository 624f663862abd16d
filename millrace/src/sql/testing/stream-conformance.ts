import assert from "node:assert/strict";
import { type Ctx, withCancel } from "../../context/index.ts";
import type { Failure } from "../../errors/index.ts";
import { type CopyOptions, type Pool, type Sql, sql } from "../index.ts";
import { collect } from "./collect.ts";
import { eventually } from "./database.ts";
import { VALUES } from "./values.ts";

/** Check is one test of a conformance suite. */
export type Check = (what: string, fn: (ctx: Ctx, pool: Pool) => Promise<void>) => void;

/** streamConformance is the part of driverConformance about rows, copyFrom, copyTo and batch. */
export function streamConformance(check: Check): void {
  check("rows come in pieces, in order, from a portal", async (ctx, pool) => {
    const text = "select n, n * 2 as twice from generate_series(1, $1::int) n";
    for (const [count, fetch] of [
      [0, 3],
      [1, 1],
      [2, 3],
      [6, 3],
      [7, 3],
      [1200, undefined],
    ] as const) {
      const rows = await collect(pool.rows(ctx, text, [count], fetch === undefined ? {} : { fetch }));
      assert.deepEqual(
        rows,
        Array.from({ length: count }, (_, i) => ({ n: i + 1, twice: 2 * i + 2 })),
        `${count} by ${fetch}`,
      );
    }
    assert.deepEqual(await collect(pool.rows(ctx, sql`select ${"x"} as a_b`)), [{ aB: "x" }]);
    assert.deepEqual(await collect(pool.rows(ctx, "")), []);
    assert.deepEqual(await collect(pool.rows(ctx, "create table made (n int)")), []);
    await pool.exec(ctx, "insert into made values (1), (2), (3)");
    for await (const row of pool.rows(ctx, "update made set n = n + 1 returning n", [], { fetch: 1 })) {
      assert.deepEqual(row, { n: 2 });
      break;
    }
    assert.deepEqual(await pool.one(ctx, "select sum(n)::int as sum from made"), { sum: 9 });
    assert.equal(pool.stats().acquired, 0);
  });

  check("rows that fail half way, and consumers that leave", async (ctx, pool) => {
    const seen: unknown[] = [];
    await assert.rejects(async () => {
      for await (const row of pool.rows(ctx, "select 12 / (4 - n) as q from generate_series(1, 9) n", [], { fetch: 2 }))
        seen.push(row["q"]);
    }, /division by zero/);
    assert.deepEqual(seen, [4, 6], "the piece with the error does not come");
    await pool
      .tx(ctx, async (ctx, tx) => {
        for await (const row of tx.rows(ctx, "select generate_series(1, 1000000000) as n", [], { fetch: 5 })) {
          await assert.rejects(tx.exec(ctx, "select 1"), { reason: "sql/busy" });
          if (row["n"] === 7) break;
        }
        assert.deepEqual(await tx.one(ctx, "select 1 as n"), { n: 1 });
        const twice = tx.rows(ctx, "select 1 as a_b, 2 as a_b", [], { fetch: 1 })[Symbol.asyncIterator]();
        await assert.rejects(twice.next(), { reason: "sql/duplicate_column" });
        // A rows loop that nobody closes ends with its transaction.
        await tx.rows(ctx, "select generate_series(1, 10)", [], { fetch: 1 })[Symbol.asyncIterator]().next();
      })
      .catch((err: unknown) => assert.equal((err as Failure).reason, "sql/busy"));
    for (const bad of [
      pool.rows(ctx, "select 1", [], { fetch: 0 }),
      pool.rows(ctx, "select 1", [], { fetch: 1.5 }),
      pool.rows(ctx, "select $1::text", [Symbol("s")]),
      pool.rows(ctx, sql`select 1`, []),
    ]) {
      await assert.rejects(collect(bad), { code: "invalid_argument" });
    }
    assert.equal(await pool.exec(ctx, "select 1"), 1);
    assert.equal(pool.stats().acquired, 0);
  });

  check("copyFrom writes what a select reads", async (ctx, pool) => {
    for (const [i, { type, sql: from, value }] of VALUES.entries()) {
      const table = ["public", `T "${i}"`];
      await pool.exec(ctx, sql`create table ${sql.id(...table)} (n int)`);
      await pool.exec(ctx, `alter table "T ""${i}""" add v ${type}`);
      const rows = [
        [1, value],
        [2, null],
        [3, undefined],
      ];
      assert.equal(await pool.copyFrom(ctx, table, ["n", "v"], rows), 3);
      assert.deepEqual(
        await pool.many(ctx, sql`select v from ${sql.id(...table)} order by n`),
        [{ v: value }, { v: null }, { v: null }],
        `${type} ${from}`,
      );
    }
    await pool.exec(ctx, "create table t (a text, b text)");
    const texts = ["", "\\N", "\\.", "a\tb", "a\nb", "a\rb\r\n", "\\", "\\\\n", "NULL", " ", "\b\f\v", "ü🜚"];
    assert.equal(
      await pool.copyFrom(
        ctx,
        "t",
        ["b", "a"],
        texts.map((one) => [one, one]),
      ),
      texts.length,
    );
    assert.deepEqual(
      await pool.many(ctx, "select a, b from t"),
      texts.map((one) => ({ a: one, b: one })),
    );
    assert.equal(await pool.copyFrom(ctx, "t", ["a"], []), 0);
    const long = "x".repeat(300_000);
    async function* slowly(): AsyncGenerator<string[]> {
      for (let i = 0; i < 20; i++) yield [await Promise.resolve(long)];
    }
    assert.equal(await pool.copyFrom(ctx, "t", ["a"], slowly()), 20);
    assert.deepEqual(await pool.one(ctx, "select count(*)::int as n from t where a = $1", [long]), { n: 20 });
  });

  check("copyFrom writes all or nothing", async (ctx, pool) => {
    await pool.exec(ctx, "create table t (n int primary key, s text)");
    let closed = 0;
    function* failing(rows: number): Generator<unknown[]> {
      try {
        for (let i = 0; i < rows; i++) yield [i, "x".repeat(1000)];
        throw new Error("the source is dry");
      } finally {
        closed++;
      }
    }
    const cases: readonly [rows: Iterable<unknown[]>, columns: string[], error: object | RegExp][] = [
      [failing(0), ["n", "s"], /^Error: the source is dry$/],
      [failing(1000), ["n", "s"], /^Error: the source is dry$/],
      [
        [
          [1, "a"],
          [1, "b"],
        ],
        ["n", "s"],
        { reason: "sql/unique_violation", row: 2, constraint: "t_pkey" },
      ],
      [
        [
          [1, "a"],
          ["b", "b"],
        ],
        ["n", "s"],
        { reason: "sql/bad_text_representation", row: 2 },
      ],
      [[[1, "a"], [2]], ["n", "s"], /row 2: 1 values for 2 columns/],
      [
        [
          [1, "a"],
          [2, Symbol("s")],
        ],
        ["n", "s"],
        /row 2: .*argument \$2 is a symbol/,
      ],
      [[[1, "a\0b"]], ["n", "s"], { sqlState: "22021" }],
      [[[1, "a"]], ["n", "nope"], { reason: "sql/undefined_column" }],
      [[], [], { reason: "sql/bad_argument" }],
      [[], [""], { reason: "sql/bad_argument" }],
      [null as unknown as unknown[][], ["n"], TypeError],
    ];
    for (const [rows, columns, error] of cases) {
      await assert.rejects(pool.copyFrom(ctx, "t", columns, rows), error);
      assert.equal(pool.stats().acquired, 0);
      assert.equal(await pool.exec(ctx, "select from t"), 0);
    }
    assert.equal(closed, 2);
    await assert.rejects(pool.copyFrom(ctx, [], ["n"], []), { reason: "sql/bad_argument" });
    await assert.rejects(pool.copyFrom(ctx, "nowhere", ["n"], []), { reason: "sql/undefined_table" });
    await assert.rejects(
      pool.tx(ctx, async (ctx, tx) => {
        assert.equal(await tx.copyFrom(ctx, "t", ["n"], [[1], [2]]), 2);
        assert.equal(await tx.exec(ctx, "select from t"), 2);
        throw new Error("boom");
      }),
      /boom/,
    );
    assert.equal(await pool.exec(ctx, "select from t"), 0);
  });

  check("copyTo gives a query's rows as text or CSV", async (ctx, pool) => {
    const all = async (query: string | Sql, options?: CopyOptions): Promise<string> =>
      Buffer.concat(await collect(pool.copyTo(ctx, query, options))).toString();
    await pool.exec(ctx, "create table t (n int, s text)");
    await pool.exec(ctx, `insert into t values (1, 'a,b'), (2, null), (3, 'a "q"')`);
    assert.equal(await all("table t"), '1\ta,b\n2\t\\N\n3\ta "q"\n');
    assert.equal(await all(sql`select * from t; `, { format: "csv", header: true }), 'n,s\n1,"a,b"\n2,\n3,"a ""q"""\n');
    assert.equal(await all("select n from t where n < 0 -- none"), "");
    const big = await all("select n, repeat('x', n % 100) from generate_series(1, 20000) n");
    assert.deepEqual(
      big.split("\n").map((line) => line.split("\t")[0]),
      [...Array.from({ length: 20_000 }, (_, i) => String(i + 1)), ""],
    );
    assert.equal((await all("select repeat('x', 200000)")).length, 200_001);
    await assert.rejects(all("select 1 / (100000 - n) from generate_series(1, 100000) n"), { reason: "sql/bad_data" });
    await assert.rejects(all(sql`select ${1}`), { reason: "sql/bad_argument" });
    await assert.rejects(all("selec 1"), { code: "internal" });
    for await (const piece of pool.copyTo(ctx, "select generate_series(1, 300000)")) {
      assert.ok(piece.length <= 65_536);
      break;
    }
    assert.equal(await pool.exec(ctx, "select 1"), 1);
    await pool.tx(ctx, async (ctx, tx) => {
      await tx.exec(ctx, "delete from t");
      for await (const _ of tx.copyTo(ctx, "select generate_series(1, 300000)")) break;
    });
    assert.equal(await pool.exec(ctx, "select from t"), 0, "leaving the loop did not undo the transaction");
  });

  check("a batch is one transaction, with a result for each statement", async (ctx, pool) => {
    await pool.exec(ctx, "create table t (n int primary key)");
    for (let i = 0; i < 3; i++) {
      const [made, found, changed, nothing, again] = await pool.batch(ctx, [
        { text: "insert into t values ($1) returning n as added_n", args: [i] },
        sql<{ n: number }>`select n from t where n <= ${i} order by n`,
        "update t set n = n",
        "",
        { text: "insert into t values ($1) returning n as added_n", args: [100 + i] },
      ]);
      assert.deepEqual(made.rows, [{ addedN: i }]);
      assert.deepEqual(
        found.rows.map((row) => row.n),
        Array.from({ length: i + 1 }, (_, n) => n),
      );
      assert.deepEqual([changed.command, changed.affected], ["UPDATE", 2 * i + 1]);
      assert.deepEqual([nothing.command, nothing.affected], ["", 0]);
      assert.deepEqual(again.rows, [{ addedN: 100 + i }]);
    }
    assert.deepEqual(await pool.batch(ctx, []), []);
    const failing = [sql`delete from t`, sql`insert into t values (${1}), (${1})`, sql`select 1`] as const;
    await assert.rejects(pool.batch(ctx, failing), {
      reason: "sql/unique_violation",
      message: /batch, 2 of 3: insert/,
    });
    assert.equal(await pool.exec(ctx, "select from t"), 6);
    await assert.rejects(pool.batch(ctx, ["delete from t", { text: "select $1", args: [() => 1] }]), {
      reason: "sql/bad_argument",
    });
    await assert.rejects(pool.batch(ctx, ["delete from t", "selec 1"]), { reason: "sql/syntax_error" });
    for (const copy of [
      ["delete from t", "copy t from stdin"],
      ["copy t from stdin", "delete from t"],
    ]) {
      await assert.rejects(pool.batch(ctx, copy), { code: /unimplemented/ });
    }
    assert.equal(await pool.exec(ctx, "select from t"), 6);
    await assert.rejects(
      pool.tx(ctx, async (ctx, tx) => {
        const [, { affected }] = await tx.batch(ctx, ["delete from t where n < 100", "delete from t"]);
        assert.equal(affected, 3);
        await tx.batch(ctx, ["select 1/0"]);
      }),
      { reason: "sql/bad_data" },
    );
    assert.equal(await pool.exec(ctx, "select from t"), 6);
  });

  check("listen hears what is sent to its channel", async (ctx, pool) => {
    const channel = 'Orders "x"; --';
    const heard = pool.listen(ctx, channel)[Symbol.asyncIterator]();
    assert.deepEqual((await heard.next()).value, { channel, payload: "", gap: true });
    await pool.exec(ctx, "select pg_notify('other', 'no')");
    await pool.exec(ctx, "select pg_notify($1, $2)", [channel, "ü1"]);
    await pool.tx(ctx, (ctx, tx) => tx.exec(ctx, sql`select pg_notify(${channel}, null)`));
    assert.deepEqual((await heard.next()).value, { channel, payload: "ü1", gap: false });
    assert.deepEqual((await heard.next()).value, { channel, payload: "", gap: false });
    await heard.return?.();
    for (const bad of [pool.listen(ctx, ""), pool.listen(ctx, "x".repeat(64)), pool.listen(ctx, "x", { maxQueued: 0 })])
      await assert.rejects(collect(bad), { code: "invalid_argument" });
  });

  check("begin: a transaction that its holder ends", async (ctx, pool) => {
    await pool.exec(ctx, "create table t (n int primary key)");
    const rows = async (): Promise<unknown[]> =>
      (await pool.many(ctx, "select n from t order by n")).map((row) => row["n"]);
    {
      await using tx = await pool.begin(ctx, { isolation: "repeatable read" });
      await tx.exec(ctx, "insert into t values (1)");
      await tx.commit(ctx);
      await assert.rejects(tx.exec(ctx, "select 1"), { reason: "sql/tx_done" });
      await assert.rejects(tx.commit(ctx), { reason: "sql/tx_done" });
      await tx.rollback(ctx);
    }
    {
      await using tx = await pool.begin(ctx);
      await tx.exec(ctx, "insert into t values (2)");
    }
    {
      await using tx = await pool.begin(ctx);
      await tx.exec(ctx, "insert into t values (3)");
      await tx.rollback(ctx);
    }
    assert.deepEqual(await rows(), [1]);
    {
      await using tx = await pool.begin(ctx);
      await tx.exec(ctx, "insert into t values (4)");
      {
        await using part = await tx.begin(ctx);
        await assert.rejects(tx.exec(ctx, "select 1"), { reason: "sql/busy" });
        await assert.rejects(tx.commit(ctx), { reason: "sql/busy" });
        await assert.rejects(part.exec(ctx, "insert into t values (4)"), { reason: "sql/unique_violation" });
      }
      {
        await using part = await tx.begin(ctx);
        await part.tx(ctx, (ctx, inner) => inner.exec(ctx, "insert into t values (5)"));
        await part.commit(ctx);
      }
      await tx.commit(ctx);
    }
    assert.deepEqual(await rows(), [1, 4, 5]);
    {
      await using tx = await pool.begin(ctx);
      await assert.rejects(tx.exec(ctx, "insert into t values (1)"), { reason: "sql/unique_violation" });
      await assert.rejects(tx.commit(ctx), { reason: "sql/tx_aborted" });
    }
    const report = { isolation: "serializable", readOnly: true, deferrable: true } as const;
    {
      await using tx = await pool.begin(ctx, report);
      await assert.rejects(tx.exec(ctx, "insert into t values (9)"), { reason: "sql/read_only" });
    }
    await assert.rejects(pool.begin(ctx, { deferrable: true }), { reason: "sql/bad_option" });
    assert.equal(await pool.tx(ctx, (ctx, tx) => tx.exec(ctx, "select from t"), report), 3);
    assert.equal(pool.stats().acquired, 0);
  });

  check("begin: ends with its context, and never touches a connection that it gave back", async (ctx, pool) => {
    await pool.exec(ctx, "create table t (n int)");
    using life = withCancel(ctx);
    const tx = await pool.begin(life);
    await tx.exec(ctx, "insert into t values (1)");
    const part = await tx.begin(life);
    await part.exec(ctx, "insert into t values (2)");
    life.cancel();
    await Promise.resolve();
    await assert.rejects(part.exec(ctx, "insert into t values (3)"), { reason: "sql/tx_done" });
    await pool.tx(ctx, async (ctx, other) => {
      await other.exec(ctx, "insert into t values (4)");
      await part[Symbol.asyncDispose]();
      await tx[Symbol.asyncDispose]();
      await assert.rejects(tx.commit(ctx), { reason: "sql/tx_done" });
      await other.exec(ctx, "insert into t values (5)");
    });
    assert.deepEqual(await pool.many(ctx, "select n from t order by n"), [{ n: 4 }, { n: 5 }]);
    // Whoever ended by its context does not wait for its rollback.
    await eventually(ctx, "nothing is held", () => pool.stats().acquired === 0);
  });
}
