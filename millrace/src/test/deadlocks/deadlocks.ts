import { unlink } from "../../runtime/waiter.ts";
import { kit } from "../explore/kit.ts";
import { stackHere } from "../leaks/stack.ts";
import { worlds } from "../world/world.ts";
import { DeadlockError } from "./deadlock-error.ts";
import { type TestFlow, flows } from "./hook.ts";
import { whenIdle } from "./idle.ts";
import { LockBook } from "./lock-book.ts";
import { lockWaits } from "./say.ts";

/**
 * deadlocks looks for deadlocks on Mutex, RWMutex, Guarded and Semaphore until it is disposed, in what its caller does
 * and starts: `using _ = deadlocks()`. What is found is a DeadlockError with the places of all who take part:
 *
 * - a task that waits for what it holds itself, and tasks that wait for each other: the call that waits fails at once;
 * - a task that waits for tokens of a semaphore while it holds some of them: likewise;
 * - locks that are taken in opposite orders, though it went well this time: thrown at the disposal;
 * - waits for a lock when the process has nothing left to do: they fail.
 *
 * In `bubble` and `explore` they are all faults of the run; the orders are watched there without asking.
 *
 * What a task holds is known under withLock and its like, and in a bubble also of guards. In an ordinary test a guard
 * counts for the task of `go` that took it, in a cycle of two such tasks, and else only when the process is idle. A call
 * that is not awaited counts as a part of its caller. Locks of other libraries, and of a database, are not seen.
 */
export function deadlocks(): Disposable {
  const locks = worlds.getStore()?.locks;
  if (locks === undefined) return inTest();
  locks.strict++;
  let open = true;
  return {
    [Symbol.dispose]() {
      if (open) locks.strict--;
      open = false;
    },
  };
}

function inTest(): Disposable {
  const watching = kit();
  let thrown = false;
  let kept: DeadlockError | undefined;
  const book = new LockBook({
    flow: () => flows.getStore() ?? null,
    by: () => flows.getStore()?.by ?? "the test",
    stack: stackHere,
    ordered: () => false,
    found(err, now) {
      kept ??= err;
      if (!now) return;
      thrown = true;
      throw err;
    },
  });
  book.strict = 1;
  const before = flows.getStore();
  flows.enterWith({ book, by: "the test", held: null });
  const idle = whenIdle(() => {
    const [first] = book.waits();
    if (first === undefined) return;
    thrown = true;
    const { waiter } = first;
    const { queue } = waiter;
    const err = new DeadlockError(
      "asleep",
      `nothing is left that could give back what is waited for${lockWaits(book)}`,
    );
    queue?.remove(waiter);
    unlink(waiter);
    waiter.fail(err);
    queue?.owner?.admit();
  });
  return {
    [Symbol.dispose]() {
      idle[Symbol.dispose]();
      watching[Symbol.dispose]();
      // Whoever took it has it: undefined is no flow.
      flows.enterWith(before as TestFlow);
      // The call that failed has told its caller.
      if (kept !== undefined && !thrown) throw kept;
    },
  };
}
