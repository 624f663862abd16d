import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import pg from "pg";
import { background, withTimeout } from "../../context/index.ts";
import { prepareDataDir } from "./data-dir.ts";
import { PgliteHost } from "./host.ts";
import { Splitter, message, typeOf } from "./wire.ts";

// One database serves the whole file, since it takes half a second to start; every test has its own table and clients.
let parent: string;
let host: PgliteHost;
let pids = 0;

before(async () => {
  parent = await mkdtemp(join(tmpdir(), "millrace-test-"));
  await prepareDataDir(join(parent, "data"));
  host = await PgliteHost.open(join(parent, "data"));
});

after(async () => {
  await host.close();
  await rm(parent, { recursive: true });
});

const config = (): pg.ClientConfig => ({ stream: () => host.connect(), user: "postgres", database: "postgres" });

interface Bundle extends AsyncDisposable {
  /** table is a table of this test's own: id int primary key, v text. */
  readonly table: string;
  client(options?: { pipeline?: boolean }): Promise<pg.Client>;
}

async function setup(): Promise<Bundle> {
  const clients: pg.Client[] = [];
  const client: Bundle["client"] = async (options = {}) => {
    const made = new pg.Client({ ...config(), ...options });
    made.on("error", () => {});
    clients.push(made);
    await made.connect();
    return made;
  };
  const table = `t${++pids}`;
  const first = await client();
  await first.query(`create table ${table} (id int primary key, v text)`);
  return {
    table,
    client,
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((each) => each.end()));
    },
  };
}

/** Raw speaks the protocol by hand. */
class Raw {
  readonly stream = host.connect();
  readonly #splitter = new Splitter();
  #wake: () => void = () => {};

  constructor() {
    this.stream.on("data", (bytes: Buffer) => {
      this.#splitter.push(bytes);
      this.#wake();
    });
    this.stream.on("end", () => this.#wake());
    this.stream.on("error", () => {});
  }

  send(...messages: Uint8Array[]): void {
    this.stream.write(Buffer.concat(messages));
  }

  /** until collects messages up to and with one of a type; a server that ends the connection ends the wait too. */
  async until(type: string): Promise<string[]> {
    const got: string[] = [];
    for (;;) {
      for (let next = this.#splitter.next(); next !== undefined; next = this.#splitter.next()) {
        if (typeOf(next) !== "S") got.push(describe(next));
        if (typeOf(next) === type) return got;
      }
      if (this.stream.readableEnded) return [...got, "end"];
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async start(): Promise<this> {
    const packet = message("\0", Buffer.from([0, 3, 0, 0]), "user", "postgres", Buffer.of(0)).subarray(1);
    this.send(packet);
    await this.until("Z");
    return this;
  }
}

// The type, and of an error the code, of a row its first column, of ReadyForQuery the state.
function describe(m: Buffer): string {
  const type = typeOf(m);
  if (type === "E") return `E ${/\0C(.{5})\0/.exec(m.toString("latin1"))?.[1]}`;
  if (type === "D") return `D ${m.toString("utf8", 11, 11 + m.readInt32BE(7))}`;
  if (type === "Z") return `Z ${String.fromCharCode(m[5]!)}`;
  return type;
}

const parse = (name: string, sql: string): Buffer => message("P", name, sql, Buffer.alloc(2));
const bind = (name: string): Buffer => message("B", "", name, Buffer.alloc(6));
const execute = message("E", "", Buffer.alloc(4));
const sync = message("S");
const query = (sql: string): Buffer => message("Q", sql);

test("an error leaves the connection usable", async () => {
  await using b = await setup();
  const client = await b.client();
  const cases = ["select 1/0", "selec", "select * from nowhere", { text: "select $1::int", values: ["x"] }];
  for (const bad of cases) {
    await assert.rejects(client.query(bad as string));
    assert.deepEqual((await client.query("select 1 as x")).rows, [{ x: 1 }]);
  }
});

test("twelve clients with two hundred statements each", async () => {
  await using b = await setup();
  const clients = await Promise.all(Array.from({ length: 12 }, () => b.client()));
  await Promise.all(
    clients.map(async (client, c) => {
      for (let i = 0; i < 200; i++) {
        const named = i % 2 === 0 ? { name: "insert" } : {};
        await client.query({ ...named, text: `insert into ${b.table} values ($1, $2)`, values: [c * 200 + i, "v"] });
      }
    }),
  );
  const { rows } = await clients[0]!.query(`select count(*)::int as n, sum(id)::int as sum from ${b.table}`);
  assert.deepEqual(rows, [{ n: 2400, sum: (2399 * 2400) / 2 }]);
});

test("a transaction makes the others wait, a ping does not", async () => {
  await using b = await setup();
  const [inside, outside] = [await b.client(), await b.client()];
  await inside.query("begin");
  await inside.query(`insert into ${b.table} values (1, 'a')`);
  let answered = false;
  const count = outside.query(`select count(*)::int as n from ${b.table}`).finally(() => (answered = true));
  using ctx = withTimeout(background, 5000);
  await host.ping(ctx);
  await inside.query(`insert into ${b.table} values (2, 'b')`);
  assert.equal(answered, false);
  await inside.query("commit");
  assert.deepEqual((await count).rows, [{ n: 2 }]);
});

test("those who wait are served in the order in which they came, without those who left", async () => {
  await using b = await setup();
  const holder = await b.client();
  const waiters = [await b.client(), await b.client(), await b.client()];
  await holder.query("begin");
  const order: number[] = [];
  const results = waiters.map((client, i) =>
    client.query(`insert into ${b.table} values (${i}, 'w')`).then(
      () => order.push(i),
      () => order.push(-i),
    ),
  );
  // A sign of life comes back behind all that was sent before it.
  await host.ping(background);
  // The types hide the stream.
  (waiters[1] as unknown as { connection: pg.Connection }).connection.stream.destroy();
  await host.ping(background);
  await holder.query("rollback");
  await Promise.all(results);
  assert.deepEqual(order, [-1, 0, 2]);
  assert.deepEqual((await holder.query(`select id from ${b.table} order by id`)).rows, [{ id: 0 }, { id: 2 }]);
});

test("two connections may give statements the same name", async () => {
  await using b = await setup();
  const [one, two] = [await b.client(), await b.client()];
  const long = "n".repeat(63);
  for (const name of ["same", `${long.slice(1)}a`, `${long.slice(1)}b`]) {
    assert.deepEqual((await one.query({ name, text: `select 'one ${name}' as x` })).rows, [{ x: `one ${name}` }]);
    assert.deepEqual((await two.query({ name, text: `select 'two ${name}' as x` })).rows, [{ x: `two ${name}` }]);
    assert.deepEqual((await one.query({ name, text: `select 'one ${name}' as x` })).rows, [{ x: `one ${name}` }]);
  }
});

test("prepared statements go with their connection", async () => {
  await using b = await setup();
  const prepared = async (): Promise<number> =>
    (await keeper.query("select count(*)::int as n from pg_prepared_statements")).rows[0].n;
  const keeper = await b.client();
  await keeper.query({ name: "kept", text: "select 1" });
  const start = await prepared();
  const leaving = await b.client();
  for (let i = 0; i < 5; i++) await leaving.query({ name: `s${i}`, text: "select 1" });
  assert.equal(await prepared(), start + 5);
  await leaving.end();
  assert.equal(await prepared(), start);
});

test("an unnamed statement is its connection's, whatever the others do meanwhile", async () => {
  await using b = await setup();
  const other = await b.client();
  const raw = await new Raw().start();
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
  await using b = await setup();
  const other = await b.client();
  const raw = await new Raw().start();
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

test("pipelined statements answer each for itself", async () => {
  await using b = await setup();
  const client = await b.client({ pipeline: true });
  const results = await Promise.allSettled([
    client.query("select 1 as x"),
    client.query("select 1/0"),
    client.query({ name: "n", text: "select $1::int as x", values: [2] }),
    client.query({ name: "n", text: "select $1::int as x", values: [3] }),
  ]);
  assert.deepEqual(
    results.map((r) => (r.status === "fulfilled" ? r.value.rows[0].x : r.reason.code)),
    [1, "22012", 2, 3],
  );
});

test("a notification reaches the connections that listen", async () => {
  await using b = await setup();
  const [listener, sender] = [await b.client(), await b.client()];
  await listener.query("listen news");
  const got = once(listener, "notification");
  await sender.query("select pg_notify('news', 'hello')");
  const [notification] = await got;
  assert.deepEqual([notification.channel, notification.payload], ["news", "hello"]);
});

test("COPY in and out, and what goes wrong in it", async () => {
  await using b = await setup();
  const raw = await new Raw().start();
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
  await using b = await setup();
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
    const raw = await new Raw().start();
    raw.send(...messages);
    await host.ping(background);
    raw.stream.destroy();
    assert.deepEqual((await other.query(`select * from ${b.table}`)).rows, [], name);
  }
});

test("what is not the protocol is refused, and the database lives on", async () => {
  await using b = await setup();
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
    const raw = new Raw();
    raw.send(...send);
    const got = await raw.until("never");
    assert.deepEqual(got.slice(got.indexOf("Z I") + 1), want, name);
  }
  assert.equal((await (await b.client()).query("select 1 as x")).rows[0].x, 1);
});

test("encryption is declined and the connection goes on", async () => {
  const raw = new Raw();
  raw.stream.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const [answer] = await once(raw.stream, "data");
  assert.equal(String(answer), "N");
  raw.stream.destroy();
});

test("a large statement and a large result pass, and a write that is too much waits", async () => {
  await using b = await setup();
  const client = await b.client();
  const big = "x".repeat(5 * 1024 * 1024);
  const { rows } = await client.query("select $1::text as v, length($1::text) as n", [big]);
  assert.equal(rows[0].n, big.length);
  assert.ok(rows[0].v === big);

  const holder = await b.client();
  await holder.query("begin");
  const raw = await new Raw().start();
  let writes = 0;
  const allWritten = Promise.all(
    Array.from({ length: 40 }, async () => {
      await new Promise((resolve) => raw.stream.write(query(`select '${"y".repeat(100_000)}'`), resolve));
      writes++;
    }),
  );
  await host.ping(background);
  assert.ok(writes < 20, `${writes} of 40 writes were let through while another held the session`);
  await holder.query("rollback");
  for (let i = 0; i < 40; i++) await raw.until("Z");
  await allWritten;
  raw.stream.destroy();
});

test("the main thread keeps its time while the database works", async () => {
  await using b = await setup();
  const clients = await Promise.all(Array.from({ length: 4 }, () => b.client()));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  const busy = clients.map((client) => client.query("select count(*) from generate_series(1, 400000)"));
  await Promise.all(busy);
  clearInterval(timer);
  assert.ok(ticks >= 5, `a timer of 10 ms fired ${ticks} times`);
});
