import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { type CancelCtx, background, withCancel } from "../../context/index.ts";
import { type Cases, type Chan, chan, closed, empty, select, trySelect } from "../index.ts";
import { type Arm, Model, type Op } from "./model.ts";

// One waits longer than an unbuffered channel, one is full soon, one is not.
const CAPACITIES = [0, 0, 1, 3];
const CONTEXTS = 4;

/** Real is the system under test, with a history as the model writes it. */
class Real {
  readonly channels: Chan<number>[] = CAPACITIES.map((capacity) => chan<number>(capacity));
  readonly contexts: CancelCtx[] = Array.from({ length: CONTEXTS }, () => withCancel(background));
  history: string[] = [];
  ops = 0;

  start(op: Op): void {
    const ctx = this.contexts[op.ctx]!;
    const [only] = op.arms;
    if (op.arms.length > 1) {
      this.#note(
        op,
        select(ctx, this.cases(op.arms)).then((r) => `arm ${r.key.slice(1)} ${text(r.value)}`),
      );
    } else if (only?.kind === "recv") this.#note(op, this.channels[only.ch]!.recv(ctx).then(text));
    else if (only?.kind === "send") this.#note(op, this.channels[only.ch]!.send(ctx, only.value).then(text));
  }

  cases(arms: readonly Arm[]): Cases {
    const of = (arm: Arm): Cases[string] => {
      if (arm.kind === "recv") return this.channels[arm.ch];
      if (arm.kind === "send") return this.channels[arm.ch]!.onSend(arm.value);
      return arm.kind === "done" ? this.contexts[arm.ctx]!.done : undefined;
    };
    return Object.fromEntries(arms.map((arm, i) => [`a${i}`, of(arm)]));
  }

  #note(op: Op, outcome: Promise<string>): void {
    outcome.then(
      (value) => this.history.push(`${op.id}: ${value}`),
      (err: unknown) => this.history.push(`${op.id}: ${failure(err)}`),
    );
  }
}

function text(value: unknown): string {
  return value === undefined ? "sent" : value === closed ? "closed" : String(value);
}

function failure(err: unknown): string {
  const { reason } = err as { reason?: string };
  return reason === "context/canceled"
    ? "canceled"
    : reason === "chan/send_on_closed_channel"
      ? "send on closed"
      : String(err);
}

type Command = fc.AsyncCommand<Model, Real>;

// Everything that a step sets off arrives within a turn of the event loop; then both histories are equal.
async function compare(model: Model, real: Real): Promise<void> {
  await setImmediate();
  assert.deepEqual(real.history, model.history);
  real.history = [];
  model.history = [];
  for (const [i, ch] of model.channels.entries()) assert.equal(real.channels[i]!.length, ch.buffer.length);
}

class Start implements Command {
  readonly #ctx: number;
  readonly #arms: readonly Arm[];

  constructor(ctx: number, arms: readonly Arm[]) {
    this.#ctx = ctx;
    this.#arms = arms;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const id = ++real.ops;
    // Every value is sent once.
    const arms = this.#arms.map((arm, i) => (arm.kind === "send" ? { ...arm, value: id * 10 + i } : arm));
    const op: Op = { id, ctx: this.#ctx, arms, waiting: false };
    real.start(op);
    await setImmediate();
    model.start(op, (ready) => {
      const took = real.history.find((line) => line.startsWith(`${id}: `))?.match(/arm (\d)/)?.[1];
      // An error does not tell its arm: it is one that sends on a closed channel.
      if (arms.length === 1) return 0;
      const arm = took === undefined ? ready.find((i) => isLost(model, arms[i]!)) : Number(took);
      assert.ok(arm !== undefined && ready.includes(arm), `${took} was not among ${ready.join()}`);
      return arm;
    });
    await compare(model, real);
  }

  toString(): string {
    return `start(${this.#ctx}, ${JSON.stringify(this.#arms)})`;
  }
}

function isLost(model: Model, arm: Arm): boolean {
  return arm.kind === "send" && model.channels[arm.ch]!.closed;
}

class Try implements Command {
  readonly #arm: Arm;

  constructor(arm: Arm) {
    this.#arm = arm;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const id = ++real.ops;
    const arm = this.#arm.kind === "send" ? { ...this.#arm, value: id * 10 } : this.#arm;
    let got = "empty";
    try {
      if (arm.kind === "send") got = real.channels[arm.ch]!.trySend(arm.value) ? "sent" : "empty";
      else if (arm.kind === "recv") {
        const value = real.channels[arm.ch]!.tryRecv();
        if (value !== empty) got = text(value);
      } else {
        const r = trySelect(real.cases([arm]));
        if (r !== undefined) got = text(r.value);
      }
    } catch (err) {
      got = failure(err);
    }
    if (model.ready(arm)) model.start({ id, ctx: 0, arms: [arm], waiting: false }, () => 0);
    // The model also asks the context, which a try does not have.
    const want = model.contexts[0]!.ended && model.ready(arm) ? null : model.history.at(-1)?.replace(`${id}: `, "");
    if (want === null) throw new Error("unreachable: context 0 is never canceled");
    assert.equal(got, model.history.at(-1)?.startsWith(`${id}: `) === true ? want : "empty");
    if (got !== "empty") model.history.pop();
    await compare(model, real);
  }

  toString(): string {
    return `try(${JSON.stringify(this.#arm)})`;
  }
}

class End implements Command {
  readonly #what: "close" | "cancel";
  readonly #index: number;

  constructor(what: "close" | "cancel", index: number) {
    this.#what = what;
    this.#index = index;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    if (this.#what === "close") {
      let got = "closed";
      try {
        real.channels[this.#index]!.close();
      } catch {
        got = "close of closed";
      }
      assert.equal(got, model.close(this.#index));
    } else if (model.contexts[this.#index]!.ended) {
      model.renew(this.#index);
      real.contexts[this.#index] = withCancel(background);
    } else {
      model.cancel(this.#index);
      real.contexts[this.#index]!.cancel();
    }
    await compare(model, real);
  }

  toString(): string {
    return `${this.#what}(${this.#index})`;
  }
}

/** checkModel runs random operations on channels and on the model, and compares their histories after each. */
export async function checkModel(runs: number, length: number): Promise<number> {
  const ch = fc.nat({ max: CAPACITIES.length - 1 });
  const recv = ch.map((c): Arm => ({ kind: "recv", ch: c }));
  const send = ch.map((c): Arm => ({ kind: "send", ch: c, value: 0 }));
  // Context 0 never ends: the model runs a try under it.
  const mortal = fc.integer({ min: 1, max: CONTEXTS - 1 });
  const arm = fc.oneof(
    { weight: 4, arbitrary: recv },
    { weight: 4, arbitrary: send },
    { weight: 1, arbitrary: mortal.map((ctx): Arm => ({ kind: "done", ctx })) },
    { weight: 1, arbitrary: fc.constant<Arm>({ kind: "nil" }) },
  );
  const ctx = fc.nat({ max: CONTEXTS - 1 });
  const plain = fc.oneof(recv, send).map((each) => [each]);
  const arms = fc.array(arm, { minLength: 2, maxLength: 4 });
  let steps = 0;
  const counted = <T extends Command>(made: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T>[] =>
    Array.from({ length: weight }, () => made);
  const commands = fc.commands(
    [
      ...counted(
        fc.tuple(ctx, plain).map(([c, each]) => new Start(c, each)),
        8,
      ),
      ...counted(
        fc.tuple(ctx, arms).map(([c, each]) => new Start(c, each)),
        8,
      ),
      ...counted(
        fc.oneof(recv, send, arm).map((each) => new Try(each)),
        4,
      ),
      ...counted(
        mortal.map((c) => new End("cancel", c)),
        3,
      ),
      // Seldom: a closed channel is closed for the rest of the run.
      fc
        .tuple(ch, fc.nat({ max: 9 }))
        .map(([c, n]): Command => (n === 0 ? new End("close", c) : new End("cancel", 1 + (c % 3)))),
    ],
    { maxCommands: length, size: "max" },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (list) => {
      const [model, real] = [new Model(CAPACITIES, CONTEXTS), new Real()];
      await fc.asyncModelRun(() => ({ model, real }), list);
      steps += real.ops;
    }),
    { numRuns: runs },
  );
  return steps;
}
