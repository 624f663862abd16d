/** Arm is a case of a select in the model: what it does, and on which channel or context. */
export type Arm =
  | { readonly kind: "recv"; readonly ch: number }
  | { readonly kind: "send"; readonly ch: number; readonly value: number }
  | { readonly kind: "done"; readonly ctx: number }
  | { readonly kind: "nil" };

/** Op is an operation that may wait. A plain send or receive is one of a single arm. */
export interface Op {
  readonly id: number;
  readonly ctx: number;
  readonly arms: readonly Arm[];
  waiting: boolean;
}

interface Channel {
  readonly capacity: number;
  readonly buffer: number[];
  closed: boolean;
  receivers: { op: Op; arm: number }[];
  senders: { op: Op; arm: number; value: number }[];
}

interface Context {
  ended: boolean;
  // Who hangs on it, in order: an op itself, or one of its arms.
  waiters: { op: Op; arm: number | null }[];
}

/**
 * Model is Go's description of channels and select, word by word and without any cleverness: arrays, and searches
 * through all of them. Each step returns what it completes, in order.
 */
export class Model {
  readonly channels: Channel[];
  readonly contexts: Context[];
  history: string[] = [];

  constructor(capacities: readonly number[], contexts: number) {
    this.channels = capacities.map((capacity) => ({
      capacity,
      buffer: [],
      closed: false,
      receivers: [],
      senders: [],
    }));
    this.contexts = Array.from({ length: contexts }, () => ({ ended: false, waiters: [] }));
  }

  ready(arm: Arm): boolean {
    if (arm.kind === "nil") return false;
    if (arm.kind === "done") return this.contexts[arm.ctx]!.ended;
    const ch = this.channels[arm.ch]!;
    if (arm.kind === "recv") return ch.buffer.length > 0 || ch.senders.length > 0 || ch.closed;
    return ch.closed || ch.receivers.length > 0 || ch.buffer.length < ch.capacity;
  }

  /** start runs an op; of several ready arms `chosen` says which one the real one took. */
  start(op: Op, chosen: (ready: number[]) => number): void {
    if (this.contexts[op.ctx]!.ended) return this.#log(op, "canceled");
    const ready = op.arms.flatMap((arm, i) => (this.ready(arm) ? [i] : []));
    if (ready.length > 0) {
      const arm = chosen(ready);
      return this.#log(op, this.#run(op.arms[arm]!), arm);
    }
    op.waiting = true;
    this.contexts[op.ctx]!.waiters.push({ op, arm: null });
    for (const [i, arm] of op.arms.entries()) {
      if (arm.kind === "recv") this.channels[arm.ch]!.receivers.push({ op, arm: i });
      if (arm.kind === "send") this.channels[arm.ch]!.senders.push({ op, arm: i, value: arm.value });
      if (arm.kind === "done") this.contexts[arm.ctx]!.waiters.push({ op, arm: i });
    }
    return undefined;
  }

  close(index: number): string {
    const ch = this.channels[index]!;
    if (ch.closed) return "close of closed";
    ch.closed = true;
    while (ch.receivers.length > 0) this.#complete(ch.receivers[0]!.op, "closed", ch.receivers[0]!.arm);
    while (ch.senders.length > 0) this.#complete(ch.senders[0]!.op, "send on closed", ch.senders[0]!.arm);
    return "closed";
  }

  cancel(index: number): void {
    const ctx = this.contexts[index]!;
    ctx.ended = true;
    while (ctx.waiters.length > 0) {
      const { op, arm } = ctx.waiters[0]!;
      if (arm === null || this.contexts[op.ctx]!.ended) this.#complete(op, "canceled");
      else this.#complete(op, "closed", arm);
    }
  }

  renew(index: number): void {
    this.contexts[index] = { ended: false, waiters: [] };
  }

  #run(arm: Arm): string {
    if (arm.kind === "nil" || arm.kind === "done") return "closed";
    const ch = this.channels[arm.ch]!;
    if (arm.kind === "send") {
      if (ch.closed) return "send on closed";
      const receiver = ch.receivers[0];
      if (receiver === undefined) ch.buffer.push(arm.value);
      else this.#complete(receiver.op, String(arm.value), receiver.arm);
      return "sent";
    }
    const sender = ch.senders[0];
    const value = ch.buffer.shift() ?? sender?.value;
    if (value === undefined) return "closed";
    if (sender !== undefined) {
      if (value !== sender.value) ch.buffer.push(sender.value);
      this.#complete(sender.op, "sent", sender.arm);
    }
    return String(value);
  }

  #complete(op: Op, outcome: string, arm?: number): void {
    op.waiting = false;
    for (const ch of this.channels) {
      ch.receivers = ch.receivers.filter((each) => each.op !== op);
      ch.senders = ch.senders.filter((each) => each.op !== op);
    }
    for (const ctx of this.contexts) ctx.waiters = ctx.waiters.filter((each) => each.op !== op);
    this.#log(op, outcome, arm);
  }

  // A select tells which arm it was; an error, as a plain operation, does not.
  #log(op: Op, outcome: string, arm?: number): void {
    const named = op.arms.length > 1 && arm !== undefined && outcome !== "send on closed";
    this.history.push(`${op.id}: ${named ? `arm ${arm} ` : ""}${outcome}`);
  }
}
