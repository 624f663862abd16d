import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { background } from "../../context/index.ts";
import { Raw, bind, execute, parse, query, setup, sharedHost, sync } from "./bundle.test.ts";
import { message } from "./wire.ts";

const host = sharedHost();

test("an unnamed statement is its connection's, whatever the others do meanwhile", async () => {
  await using b = await setup(host());
  const other = await b.client();
  const raw = await new Raw(host()).start();
  raw.send(parse("", "select 'mine'"), sync);
  assert.deepEqual(await raw.until("Z"), ["1", "Z I"]);
  await other.query("select $1::text", ["theirs"]);
  raw.send(bind(""), execute, sync);
  assert.deepEqual(await raw.until("Z"), ["2", "D mine", "C", "Z I"]);
  await other.query("select 1");
  raw.send(bind(""), execute, parse("", "select 'next'"), bind(""), execute, sync);
  assert.deepEqual(await raw.until("Z"), ["2", "D mine", "C", "1", "2", "D next", "C", "Z I"]);
  // As in PostgreSQL, a simple query ends it.
  raw.send(query("select 'simple'"));
  await raw.until("Z");
  raw.send(bind(""), execute, sync);
  assert.deepEqual(await raw.until("Z"), ["E 26000", "Z I"]);
  raw.stream.destroy();
});

test("a portal that is read in parts keeps the session", async () => {
  await using b = await setup(host());
  const other = await b.client();
  const raw = await new Raw(host()).start();
  const two = message("E", "", Buffer.from([0, 0, 0, 2]));
  raw.send(parse("s", "select generate_series(1, 5)"), bind("s"), two, message("H"));
  assert.deepEqual(await raw.until("s"), ["1", "2", "D 1", "D 2", "s"]);
  const later = other.query("select 'later' as x");
  raw.send(two, message("H"));
  assert.deepEqual(await raw.until("s"), ["D 3", "D 4", "s"]);
  raw.send(two, sync);
  assert.deepEqual(await raw.until("Z"), ["D 5", "C", "Z I"]);
  assert.deepEqual((await later).rows, [{ x: "later" }]);
  raw.stream.destroy();
});

test("COPY in and out, and what goes wrong in it", async () => {
  await using b = await setup(host());
  const raw = await new Raw(host()).start();
  const data = (text: string): Buffer => message("d", Buffer.from(text));
  const [done, fail] = [message("c"), message("f", "no")];

  raw.send(query(`COPY ${b.table} from\n stdin`));
  assert.deepEqual(await raw.until("G"), ["G"]);
  raw.send(data("1\ta\n2\t"), data("b\n"), sync, done);
  assert.deepEqual(await raw.until("Z"), ["C", "Z I"]);

  const cases = [
    { name: "bad data", sql: `copy ${b.table} from stdin`, send: [data("x\ty\n"), done], want: ["E 22P02", "Z I"] },
    { name: "the client gives up", sql: `copy ${b.table} from stdin`, send: [fail], want: ["E 57014", "Z I"] },
    {
      name: "in a query of several",
      sql: `select 1; copy ${b.table} from stdin; select 2`,
      send: [data("3\tc\n"), done],
      want: ["T", "D 1", "C", "C", "T", "D 2", "C", "Z I"],
    },
    {
      name: "two in a query",
      sql: `copy ${b.table} from stdin; copy ${b.table} from stdin`,
      send: [data("4\td\n"), done],
      want: ["C", "E 57014", "Z I"],
    },
    { name: "no such table", sql: "copy nowhere from stdin", send: [data("1\n"), done], want: ["E 42P01", "Z I"] },
    {
      name: "only text that says so",
      sql: "select 'copy x from stdin'",
      send: [fail],
      want: ["T", "D copy x from stdin", "C", "Z I"],
    },
  ];
  for (const { name, sql, send, want } of cases) {
    raw.send(query(sql));
    assert.deepEqual(await raw.until("G"), ["G"], name);
    raw.send(...send);
    assert.deepEqual(await raw.until("Z"), want, name);
  }

  raw.send(parse("", `/* as */ copy ${b.table} from stdin`), bind(""), execute, sync);
  assert.deepEqual((await raw.until("Z")).slice(-2), ["E 0A000", "Z I"]);
  raw.send(query(`copy (select id from ${b.table} order by id) to stdout`));
  assert.deepEqual(
    (await raw.until("Z")).filter((m) => m !== "d" && !m.startsWith("d")),
    ["H", "c", "C", "Z I"],
  );

  const { rows } = await (await b.client()).query(`select id from ${b.table} order by id`);
  assert.deepEqual(rows, [{ id: 1 }, { id: 2 }, { id: 3 }]);
  // pg has no data for a COPY of its own and says so.
  await assert.rejects((await b.client()).query(`copy ${b.table} from stdin`), { code: "57014" });
  raw.stream.destroy();
});

test("a connection that goes away is rolled back", async () => {
  await using b = await setup(host());
  const other = await b.client();
  const leave: Record<string, Buffer[]> = {
    "in a transaction": [query(`begin; insert into ${b.table} values (1, 'x')`)],
    "in a failed transaction": [query("begin"), query("select 1/0")],
    "after an error without Sync": [query("begin"), parse("", "selec")],
    "before Sync": [parse("", `insert into ${b.table} values (2, 'x')`), bind(""), execute, message("H")],
    "in the middle of a message": [query("begin"), query("select 1").subarray(0, 7)],
    "in the middle of a COPY": [query("begin"), query(`copy ${b.table} from stdin`), message("d", Buffer.from("3"))],
  };
  for (const [name, messages] of Object.entries(leave)) {
    const raw = await new Raw(host()).start();
    raw.send(...messages);
    await host().ping(background);
    raw.stream.destroy();
    assert.deepEqual((await other.query(`select * from ${b.table}`)).rows, [], name);
  }
});

test("what is not the protocol is refused, and the database lives on", async () => {
  await using b = await setup(host());
  const startup = message("\0", Buffer.from([0, 3, 0, 0]), Buffer.of(0)).subarray(1);
  const cases: { name: string; send: Buffer[]; want: string[] }[] = [
    { name: "an unknown type", send: [startup, message("y", "?")], want: ["E 08P01", "end"] },
    { name: "a password nobody asked for", send: [startup, message("p", "?")], want: ["E 08P01", "end"] },
    {
      name: "a length that is too large",
      send: [startup, Buffer.from("Q\x7f\xff\xff\xff", "latin1")],
      want: ["E 08P01", "end"],
    },
    { name: "a name that does not end", send: [startup, message("P", Buffer.from("abc"))], want: ["E 08P01", "end"] },
    { name: "another protocol", send: [Buffer.from([0, 0, 0, 8, 0, 2, 0, 0])], want: ["E 0A000", "end"] },
    { name: "a first packet that is too large", send: [Buffer.from("GET / HTTP/1.1\r\n")], want: ["E 08P01", "end"] },
    {
      name: "a query within a COPY",
      send: [startup, query("copy x from stdin"), query("select 1")],
      want: ["G", "E 08P01", "end"],
    },
    {
      name: "a cancel request",
      send: [Buffer.from([0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 1])],
      want: ["end"],
    },
    { name: "goodbye", send: [startup, message("X")], want: ["end"] },
  ];
  for (const { name, send, want } of cases) {
    const raw = new Raw(host());
    raw.send(...send);
    const got = await raw.until("never");
    assert.deepEqual(got.slice(got.indexOf("Z I") + 1), want, name);
  }
  assert.equal((await (await b.client()).query("select 1 as x")).rows[0].x, 1);
});

test("encryption is declined and the connection goes on", async () => {
  const raw = new Raw(host());
  raw.stream.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const [answer] = await once(raw.stream, "data");
  assert.equal(String(answer), "N");
  raw.stream.destroy();
});

test("a large statement and a large result pass, and a write that is too much waits", async () => {
  await using b = await setup(host());
  const client = await b.client();
  const big = "x".repeat(5 * 1024 * 1024);
  const { rows } = await client.query("select $1::text as v, length($1::text) as n", [big]);
  assert.equal(rows[0].n, big.length);
  assert.ok(rows[0].v === big);

  const holder = await b.client();
  await holder.query("begin");
  const raw = await new Raw(host()).start();
  let writes = 0;
  const allWritten = Promise.all(
    Array.from({ length: 40 }, async () => {
      await new Promise((resolve) => raw.stream.write(query(`select '${"y".repeat(100_000)}'`), resolve));
      writes++;
    }),
  );
  await host().ping(background);
  assert.ok(writes < 20, `${writes} of 40 writes were let through while another held the session`);
  await holder.query("rollback");
  for (let i = 0; i < 40; i++) await raw.until("Z");
  await allWritten;
  raw.stream.destroy();
});
