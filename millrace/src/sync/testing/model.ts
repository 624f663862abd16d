import assert from "node:assert/strict";
import fc from "fast-check";
import { type CancelCtx, type Ctx, background, withCancel } from "../../context/index.ts";
import { type Guard, Mutex, Semaphore } from "../index.ts";
import { type Watched, turn, watch } from "./settle.ts";

// The model: a queue of requests in plain arrays, in which everything that happens is looked up anew.

interface Request {
  readonly n: number;
  readonly ctx: CancelCtx;
  state: "waiting" | "held" | "failed" | "released";
  /** loose says that its tokens came back without its guard, in which turn. */
  loose: number | undefined;
  readonly watched: Watched<Guard>;
}

class Model {
  readonly size: number;
  readonly requests: Request[] = [];
  /** turn counts how often everything was free again. */
  turn = 0;

  constructor(size: number) {
    this.size = size;
  }

  get held(): number {
    return this.in("held").reduce((sum, { n }) => sum + n, 0);
  }

  in(state: Request["state"]): Request[] {
    return this.requests.filter((request) => request.state === state);
  }

  /** fits says whether a new request of n gets its tokens at once. */
  fits(n: number): boolean {
    return n <= this.size - this.held && this.in("waiting").every((request) => request.n > this.size);
  }

  /** released is called when a request gives back its tokens. */
  released(request: Request): void {
    request.state = "released";
    if (this.held === 0) this.turn++;
    this.admit();
  }

  admit(): void {
    for (const request of this.in("waiting")) {
      if (request.n > this.size) continue;
      if (request.n > this.size - this.held) return;
      request.state = "held";
    }
  }
}

/** Real is what is compared with the model. */
interface Real {
  acquire(ctx: Ctx, n: number): Promise<Guard>;
  tryAcquire(n: number): Guard | undefined;
  release(n: number): void;
  readonly available: number | undefined;
}

type Command = fc.AsyncCommand<Model, Real>;

function command(text: string, run: (model: Model, real: Real) => void | Promise<void>): Command {
  const check = (model: Readonly<Model>, real: Real): void => {
    if (real.available !== undefined) assert.equal(real.available, model.size - model.held);
  };
  return {
    check: () => true,
    toString: () => text,
    async run(model, real) {
      await run(model, real);
      check(model, real);
    },
  };
}

const acquire = (n: number, done: boolean): Command =>
  command(`acquire(${n}${done ? ", done" : ""})`, (model, real) => {
    const ctx = withCancel(background);
    if (done) ctx.cancel();
    const state = done ? "failed" : model.fits(n) ? "held" : "waiting";
    model.requests.push({ n, ctx, state, loose: undefined, watched: watch(real.acquire(ctx, n)) });
  });

const tryAcquire = (n: number): Command =>
  command(`tryAcquire(${n})`, (model, real) => {
    const guard = real.tryAcquire(n);
    assert.equal(guard !== undefined, model.fits(n));
    if (guard === undefined) return;
    const watched: Watched<Guard> = { state: "done", value: guard, err: undefined };
    model.requests.push({ n, ctx: withCancel(background), state: "held", loose: undefined, watched });
  });

const cancel = (pick: number): Command =>
  command(`cancel(${pick})`, (model) => {
    const request = model.requests[pick % (model.requests.length || 1)];
    if (request === undefined) return;
    request.ctx.cancel();
    if (request.state !== "waiting") return;
    request.state = "failed";
    model.admit();
  });

// Disposes a guard that was given out already, whatever has become of it: a second time it must do nothing.
const dispose = (pick: number): Command =>
  command(`dispose(${pick})`, (model) => {
    const given = model.requests.filter(({ watched, loose }) => {
      // Within its turn, a guard whose tokens came back without it is one that its owner must not dispose.
      return watched.value !== undefined && (loose === undefined || loose !== model.turn);
    });
    const request = given[pick % (given.length || 1)];
    if (request === undefined) return;
    request.watched.value![Symbol.dispose]();
    if (request.state === "held") model.released(request);
  });

// Gives back the tokens of a request without its guard.
const release = (pick: number): Command =>
  command(`release(${pick})`, (model, real) => {
    const held = model.in("held").filter(({ n }) => n > 0);
    const request = held[pick % (held.length || 1)];
    if (request === undefined) return;
    request.loose = model.turn;
    real.release(request.n);
    model.released(request);
  });

const overRelease = (more: number): Command =>
  command(`overRelease(${more})`, (model, real) => {
    // A mutex has one token to release, whatever it is asked for.
    if (real.available === undefined && model.held > 0) return;
    assert.throws(() => real.release(model.held + more));
  });

// Compares who has got what, and forgets those with whom nothing can happen any more.
const compare: Command = command("compare", async (model) => {
  await turn();
  const want = { waiting: "pending", held: "done", failed: "failed", released: "done" } as const;
  for (const request of model.requests) {
    assert.equal(request.watched.state, want[request.state]);
    if (request.state === "failed") assert.equal(request.watched.err, request.ctx.err);
  }
  const settled = model.requests.filter(({ state }) => state === "failed" || state === "released");
  for (const request of settled.slice(0, -4)) model.requests.splice(model.requests.indexOf(request), 1);
});

const pick = fc.nat(1000);
const commands = (size: number): fc.Arbitrary<Command>[] => {
  const n = size === 1 ? fc.constant(1) : fc.integer({ min: 0, max: size + 1 });
  return [
    fc.tuple(n, fc.nat(9)).map(([n, done]) => acquire(n, done === 0)),
    fc.tuple(n, fc.constant(false)).map(([n, done]) => acquire(n, done)),
    n.map(tryAcquire),
    pick.map(cancel),
    pick.map(dispose),
    pick.map(dispose),
    pick.map(release),
    fc.integer({ min: 1, max: 3 }).map(overRelease),
    fc.constant(compare),
  ];
};

function mutex(): Real {
  const m = new Mutex();
  return {
    acquire: (ctx) => m.lock(ctx),
    tryAcquire: () => m.tryLock(),
    release: () => m.unlock(),
    available: undefined,
  };
}

/**
 * runModel runs random commands on a Mutex and on a Semaphore, and compares each with the model after every step. It
 * returns how many commands that were.
 */
export async function runModel({ runs, commands: length }: { runs: number; commands: number }): Promise<number> {
  let count = 0;
  for (const [size, make] of [
    [1, mutex],
    [5, () => new Semaphore(5)],
  ] as const) {
    const all = fc.commands(commands(size), { maxCommands: length, size: "max" });
    const property = fc.asyncProperty(all, (some) => {
      const cmds = [...some, compare];
      count += cmds.length;
      return fc.asyncModelRun(() => ({ model: new Model(size), real: make() }), cmds);
    });
    await fc.assert(property, { numRuns: runs });
  }
  return count;
}
