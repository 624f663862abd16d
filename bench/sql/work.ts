import assert from "node:assert/strict";

/** Item is a row of the list. */
export interface Item {
  readonly id: number;
  readonly email: string;
  readonly name: string;
}

/** EventRow is what is inserted and copied: user_id, kind, body. */
export type EventRow = readonly [userId: number, kind: string, body: string];

/** Work is what a subject does; what it lacks is not measured. */
export interface Work {
  pointSelect(id: number): Promise<Pick<Item, "id" | "name"> | undefined>;
  insert?(row: EventRow): Promise<bigint | number | string>;
  /** list is the 20 users after an id, with six columns. */
  list?(after: number): Promise<readonly Item[]>;
  /** transfer takes 1 from an account, gives it to another, records it, and says what is left on the first. */
  transfer?(from: number, to: number, row: EventRow): Promise<bigint | number | string>;
  /** copy sends rows with COPY and says how many arrived. */
  copy?(rows: Iterable<EventRow>): Promise<number>;
}

/** copyText is what a user of a client that copies bytes has to write: COPY's text format, escaped, in pieces of 32 kB. */
export function* copyText(rows: Iterable<EventRow>): Generator<string> {
  let text = "";
  for (const [userId, kind, body] of rows) {
    text += `${userId}\t${escape(kind)}\t${escape(body)}\n`;
    if (text.length < 32_768) continue;
    yield text;
    text = "";
  }
  yield text;
}

function escape(value: string): string {
  return /[\\\t\n\r]/.test(value) ? value.replace(/[\\\t\n\r]/g, (c) => ESCAPES[c]!) : value;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
const CALLERS = 64;
const COPIED = 50_000;

interface Kernel {
  /** count is how many operations a timed run makes. */
  readonly count: number;
  /** one does the nth operation as the caller with that number, and proves its answer. */
  one(work: Work, n: number, caller: number): Promise<void>;
  /** callers is how many do so at once. Default: 64. */
  readonly callers?: number;
  /** weight is what one operation counts as. Default: 1. */
  readonly weight?: number;
}

const pointSelect: Kernel = {
  count: 60_000,
  async one(work, n) {
    const id = 1 + ((n * 7919) % 100_000);
    const row = await work.pointSelect(id);
    if (row?.id !== id || row.name !== `user ${id}`) throw new Error(`select ${id}: ${JSON.stringify(row)}`);
  },
};

const KERNELS: Readonly<Record<string, Kernel>> = {
  "point-select-64": pointSelect,
  "point-select-64-pipelined": pointSelect,
  insert: {
    count: 30_000,
    async one(work, n) {
      const id = await work.insert!([n, "signed_up", `body of event ${n}`]);
      if (!(BigInt(id) > 0n)) throw new Error(`insert: id ${id}`);
    },
  },
  "list-20": {
    count: 15_000,
    async one(work, n) {
      const after = (n * 7919) % 99_000;
      const rows = await work.list!(after);
      const right = rows.length === 20 && rows.every((row, i) => row.id === after + 1 + i);
      if (!right || rows[19]?.email !== `user${after + 20}@example.com`) throw new Error(`list after ${after}`);
    },
  },
  transaction: {
    count: 6_000,
    async one(work, n, caller) {
      const left = await work.transfer!(2 * caller + 1, 2 * caller + 2, [n, "moved", "1"]);
      if (!(BigInt(left) < 1_000_000n)) throw new Error(`transfer: ${left} is left`);
    },
  },
  copy: {
    count: 20,
    callers: 1,
    weight: COPIED,
    async one(work) {
      assert.equal(await work.copy!(events()), COPIED);
    },
  },
};

function* events(): Iterable<EventRow> {
  for (let i = 0; i < COPIED; i++) yield [i, "copied", `body of event ${i}`];
}

/** measure does the work that CASE names and prints operations per CPU second, or with METRIC=p99 a latency in ms. */
export async function measure(work: Work): Promise<void> {
  const kernel = KERNELS[process.env["CASE"] ?? ""];
  if (kernel === undefined) throw new Error(`CASE is ${process.env["CASE"]}`);
  await run(work, kernel, Math.ceil(kernel.count / 3));
  const before = process.cpuUsage();
  const waits = await run(work, kernel, kernel.count);
  const { user, system } = process.cpuUsage(before);
  const value =
    process.env["METRIC"] === "p99"
      ? waits.toSorted()[Math.floor(waits.length * 0.99)]
      : (kernel.count * (kernel.weight ?? 1) * 1_000_000) / (user + system);
  console.log(JSON.stringify({ value }));
  process.exit(0);
}

async function run(work: Work, kernel: Kernel, count: number): Promise<Float64Array> {
  const waits = new Float64Array(count);
  let next = 0;
  const call = async (caller: number): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const began = performance.now();
      await kernel.one(work, n, caller);
      waits[n] = performance.now() - began;
    }
  };
  await Promise.all(Array.from({ length: kernel.callers ?? CALLERS }, (_, caller) => call(caller)));
  return waits;
}
