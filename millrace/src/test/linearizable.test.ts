import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chan, closed, empty } from "../chan/index.ts";
import { type Ctx, withCancel } from "../context/index.ts";
import { type Guard, Mutex, RWMutex, Semaphore } from "../sync/index.ts";
import { explore } from "./explore/explore.ts";
import { drawn } from "./testing/drawn.ts";
import { io } from "./testing/io.ts";
import { History, linearizable } from "./testing/linearizable.ts";

type QueueOp = { readonly put: number } | { readonly got: number } | "full" | "empty";

/** queueOf is a channel of a capacity as one task sees it; with 0, a send waits for its receive. */
function queueOf(capacity: number) {
  return (queue: readonly number[], op: QueueOp): readonly number[] | undefined => {
    if (op === "full") return queue.length >= capacity ? queue : undefined;
    if (op === "empty") return queue.length === 0 ? queue : undefined;
    if ("put" in op) return [...queue, op.put];
    return queue[0] === op.got ? queue.slice(1) : undefined;
  };
}

const TASKS = 3;
const OPERATIONS = 3;

/** together runs a few tasks that each do a few things. */
async function together(act: (task: number, operation: number) => Promise<void>): Promise<void> {
  const task = async (id: number): Promise<void> => {
    for (let i = 0; i < OPERATIONS; i++) await act(id, id * OPERATIONS + i);
  };
  await Promise.all(Array.from({ length: TASKS }, (_, id) => task(id)));
}

describe("linearizable, in every schedule tried", () => {
  for (const capacity of [0, 1, 2]) {
    test(`249: a channel of ${capacity}, with cancels, loses nothing and keeps the order`, async () => {
      await explore(
        async (t) => {
          const ch = chan<number>(capacity);
          const history = new History<QueueOp>();
          const contexts: { cancel(): void }[] = [];
          const sent = new Set<number>();
          const got: number[] = [];
          const impatient = (ctx: Ctx): Ctx => {
            const own = withCancel(ctx);
            contexts.push(own);
            return own;
          };
          const work = together(async (_, id) => {
            const what = await drawn(5);
            if (what === 0) {
              await history.note(
                () => ch.send(impatient(t.ctx), id).then(() => sent.add(id)),
                () => ({ put: id }),
              );
            } else if (what === 1) {
              const value = await history.note(
                () => ch.recv(impatient(t.ctx)),
                (v) => ({ got: v as number }),
              );
              if (typeof value === "number") got.push(value);
            } else if (what === 2) {
              await history.note(
                () => ch.trySend(id),
                (ok) => (ok ? { put: id } : "full"),
              );
            } else if (what === 3) {
              const value = await history.note(
                () => ch.tryRecv(),
                (v) => (v === empty ? "empty" : { got: v as number }),
              );
              if (typeof value === "number") got.push(value);
            } else {
              contexts[await drawn(Math.max(1, contexts.length))]?.cancel();
            }
          });
          // Whoever still waits when nothing else can go on gives up.
          for (let i = 0; i < TASKS * OPERATIONS; i++) {
            await t.settle();
            for (const ctx of contexts) ctx.cancel();
          }
          await work;
          const left: number[] = [];
          for (let v = ch.tryRecv(); v !== empty && v !== closed; v = ch.tryRecv()) left.push(v);
          assert.ok(left.length <= capacity);
          // A try that fails has seen the channel with its waiters, which the model of a queue does not know.
          const moved = history.operations.filter(({ op }) => typeof op === "object");
          assert.ok(linearizable(moved, [], queueOf(capacity)), JSON.stringify(history.operations));
          const puts = moved.flatMap(({ op }) => (typeof op === "object" && "put" in op ? [op.put] : []));
          assert.deepEqual(new Set([...got, ...left]), new Set(puts));
          assert.equal(got.length + left.length, puts.length);
        },
        { runs: 1000 },
      );
    });
  }

  test("249: a mutex is held by one task, and tryLock fails only while it is held", async () => {
    await explore(
      async (t) => {
        const mutex = new Mutex();
        const history = new History<"lock" | "unlock" | "held">();
        let holders = 0;
        await together(async () => {
          const trying = (await drawn(3)) === 0;
          const guard: Guard | undefined = await history.note(
            () => (trying ? mutex.tryLock() : mutex.lock(t.ctx)),
            (taken) => (taken === undefined ? "held" : "lock"),
          );
          if (guard === undefined) return;
          assert.equal(++holders, 1);
          await io();
          holders--;
          await history.note(
            () => guard[Symbol.dispose](),
            () => "unlock",
          );
        });
        const model = (locked: boolean, op: "lock" | "unlock" | "held"): boolean | undefined => {
          if (op === "lock") return locked ? undefined : true;
          return locked ? op === "held" : undefined;
        };
        assert.ok(linearizable(history.operations, false, model), JSON.stringify(history.operations));
      },
      { runs: 1000 },
    );
  });

  test("249: an RWMutex has one writer or any readers", async () => {
    await explore(
      async (t) => {
        const mutex = new RWMutex();
        let readers = 0;
        let writers = 0;
        await together(async () => {
          if ((await drawn(2)) === 0) {
            using _ = await mutex.lock(t.ctx);
            writers++;
            assert.deepEqual([readers, writers], [0, 1]);
            await io();
            writers--;
          } else {
            using _ = await mutex.rlock(t.ctx);
            readers++;
            assert.equal(writers, 0);
            await io();
            readers--;
          }
        });
      },
      { runs: 1000 },
    );
  });

  test("249: a semaphore gives out what it has, also when those who wait give up", async () => {
    await explore(
      async (t) => {
        const semaphore = new Semaphore(2);
        const history = new History<number>();
        const contexts: { cancel(): void }[] = [];
        let out = 0;
        await together(async () => {
          const n = 1 + (await drawn(2));
          const ctx = withCancel(t.ctx);
          contexts.push(ctx);
          const guard = await history.note(
            () => semaphore.acquire(ctx, n),
            () => n,
          );
          contexts[await drawn(contexts.length)]!.cancel();
          if (guard === undefined) return;
          out += n;
          assert.ok(out <= 2);
          await io();
          out -= n;
          await history.note(
            () => guard[Symbol.dispose](),
            () => -n,
          );
        });
        const model = (taken: number, n: number): number | undefined => (taken + n <= 2 ? taken + n : undefined);
        assert.ok(linearizable(history.operations, 0, model), JSON.stringify(history.operations));
        assert.ok(semaphore.tryAcquire(2));
      },
      { runs: 1000 },
    );
  });

  test("the check finds what is not linearizable", () => {
    const queue = queueOf(1);
    const put = (value: number, called: number, returned: number) => ({ op: { put: value }, called, returned });
    const got = (value: number, called: number, returned: number) => ({ op: { got: value }, called, returned });
    assert.ok(linearizable([put(1, 1, 4), put(2, 2, 3), got(1, 5, 6), got(2, 7, 8)], [], queue));
    assert.ok(!linearizable([put(1, 1, 2), put(2, 3, 4), got(2, 5, 6), got(1, 7, 8)], [], queue));
    assert.ok(!linearizable([got(1, 1, 2), put(1, 3, 4)], [], queue));
  });
});
