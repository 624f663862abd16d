import { type CancelCtx, type Ctx, background, withCancel } from "../context/index.ts";
import { type CtxNode, nodeOf, park } from "../context/node.ts";
import { codeOf, wrap } from "../errors/index.ts";
import { unlink } from "../runtime/waiter.ts";
import { Acquire, AcquireQueue } from "./acquire.ts";
import { CHECK_MS, bounded } from "./bounded.ts";
import { connectWithin } from "./connect.ts";
import type { Driver } from "./driver.ts";
import { acquired } from "./hooks.ts";
import { describeHolders } from "./holders.ts";
import { type Bounds, lifetimeEnd } from "./options.ts";
import { TIMED_OUT, poolClosed, poolOverloaded, poolTimeout } from "./pool-failure.ts";
import { orDone } from "../context/or-done.ts";
import { Slot } from "./slot.ts";
import type { PoolStats } from "./stats.ts";

// How often the pool looks for connections to retire or to replace, at most.
const TICK_MS = 30_000;

type Why = "lifetime" | "idle" | "health" | "broken" | "pool closed";

/**
 * Slots opens, hands out and retires connections.
 *
 * A connection is idle, held, being checked, or gone. Callers queue in order; whoever comes finds the queue empty or
 * joins its end. Connections are opened for the queue and not for one caller: the first to be ready goes to the first
 * who waits, whoever asked for it. @internal
 */
export class Slots {
  readonly driver: Driver;
  /** beside says, to a reader, what else the pool does than to lend connections. */
  beside: () => string = () => "";
  readonly #bounds: Bounds;
  readonly #all = new Set<Slot>();
  // The one used last is on top, so that those at the bottom grow old and are retired.
  readonly #idle: Slot[] = [];
  readonly #queue = new AcquireQueue();
  // Ends every attempt to connect when the pool closes.
  readonly #life: CancelCtx = withCancel(background);
  readonly #tick: NodeJS.Timeout;
  #timeout: NodeJS.Timeout | undefined = undefined;
  #opening = 0;
  #checking = 0;
  #closing = 0;
  #closed: PromiseWithResolvers<void> | null = null;
  #counts = { acquireCount: 0, waitCount: 0, waitMs: 0, timeouts: 0 };
  #retired: Record<Why, number> = { lifetime: 0, idle: 0, health: 0, broken: 0, "pool closed": 0 };

  constructor(driver: Driver, bounds: Bounds) {
    this.driver = driver;
    this.#bounds = bounds;
    const shortest = Math.min(bounds.maxConnIdleTimeMs, bounds.maxConnLifetimeMs);
    this.#tick = setInterval(() => this.#maintain(), Math.min(Math.max(shortest / 4, 10), TICK_MS));
    this.#tick.unref();
  }

  /** openFirst opens minConns connections or none. */
  async openFirst(ctx: Ctx): Promise<void> {
    const { minConns, acquireTimeoutMs } = this.#bounds;
    const opened = await Promise.allSettled(
      Array.from({ length: minConns }, () => connectWithin(ctx, this.driver, acquireTimeoutMs)),
    );
    for (const one of opened)
      if (one.status === "fulfilled") this.#deliver(this.#add(new Slot(one.value, lifetimeEnd(this.#bounds))));
    for (const one of opened) if (one.status === "rejected") throw one.reason;
  }

  /** acquire gives a connection, at once if one is free; `holder` and `statement` name who takes it. */
  acquire(ctx: Ctx, holder: string, statement: string): Slot | Promise<Slot> {
    const { hooks } = this.#bounds;
    if (hooks === undefined) return this.#acquire(ctx, holder, statement);
    return acquired(hooks, ctx, holder, () => this.#acquire(ctx, holder, statement));
  }

  #acquire(ctx: Ctx, holder: string, statement: string): Slot | Promise<Slot> {
    if (this.#closed !== null) throw poolClosed();
    if (this.#queue.length === 0) {
      const slot = this.#takeFresh();
      if (slot !== undefined && nodeOf(ctx).core.ended === null) return this.#lend(slot, holder, statement);
      if (slot !== undefined) this.#idle.push(slot);
    }
    return this.#wait(ctx, holder, statement);
  }

  /** release takes a connection back, when what was left running on it has ended. */
  release(slot: Slot): void {
    // Cut by close.
    if (!this.#all.has(slot)) return;
    if (slot.settling !== null) {
      void slot.settling.then(() => this.release(slot));
      return;
    }
    slot.holder = slot.statement = "";
    // The next holder would work inside of a transaction that is not its own.
    if (slot.conn.inTransaction) slot.conn.destroy();
    if (slot.conn.broken !== undefined) this.#retire(slot, "broken");
    else if (this.#closed !== null) this.#retire(slot, "pool closed");
    else if (slot.expiresAt <= performance.now()) this.#retire(slot, "lifetime");
    else this.#deliver(slot);
  }

  stats(): Omit<PoolStats, "lanes"> {
    return {
      maxConns: this.#bounds.maxConns,
      acquired: this.#all.size - this.#idle.length - this.#checking,
      idle: this.#idle.length,
      opening: this.#opening + this.#checking,
      closing: this.#closing,
      waiting: this.#queue.length,
      ...this.#counts,
      closedByLifetime: this.#retired.lifetime,
      closedByIdle: this.#retired.idle,
      closedByHealth: this.#retired.health,
      closedBroken: this.#retired.broken,
    };
  }

  /** close refuses new callers, waits for the held connections until ctx ends, then cuts them and throws. */
  async close(ctx: Ctx): Promise<void> {
    if (this.#closed === null) {
      this.#closed = Promise.withResolvers();
      this.#life.cancel(poolClosed());
      clearInterval(this.#tick);
      clearTimeout(this.#timeout);
      for (let waiter = this.#queue.first; waiter !== null; waiter = this.#queue.first) {
        this.#leave(waiter);
        waiter.reject(poolClosed());
      }
      for (const slot of this.#idle.splice(0)) this.#retire(slot, "pool closed");
      this.#settleClose();
    }
    try {
      await orDone(ctx, this.#closed.promise);
    } catch (err) {
      const forced = wrap(err, `sql: pool closed by force (${this.holders()})`);
      for (const slot of this.#all) {
        slot.conn.destroy();
        this.#retire(slot, "pool closed");
      }
      await this.#closed.promise;
      throw forced;
    }
  }

  /** holders says how many connections are held and by whom, the longest first. */
  holders(): string {
    const held = describeHolders([...this.#all], this.#bounds.maxConns, this.#queue.length);
    const beside = this.beside();
    return beside === "" ? held : `${held}; ${beside}`;
  }

  /**
   * join is acquire for one who needs no promise: it calls `take` with a connection or `fail` with an error, at once or
   * later, unless the caller that it returns is withdrawn before.
   */
  join(ctx: Ctx, statement: string, take: (slot: Slot) => void, fail: (err: unknown) => void): Acquire {
    const node = nodeOf(ctx);
    const waiter = new Acquire(
      this.#queue,
      (slot) => {
        this.#counts.waitCount++;
        this.#counts.waitMs += performance.now() - waiter.since;
        take(this.#lend(slot, "", statement));
      },
      (err) => {
        this.#counts.waitMs += performance.now() - waiter.since;
        fail(this.#explain(err, node, waiter.since));
      },
    );
    try {
      if (this.#closed !== null) throw poolClosed();
      this.#enqueue(node, waiter);
    } catch (err) {
      waiter.reject(err);
    }
    return waiter;
  }

  /** withdraw takes a caller out of the queue, who then hears nothing more. */
  withdraw(waiter: Acquire): void {
    this.#leave(waiter);
    this.#counts.waitMs += performance.now() - waiter.since;
  }

  async #wait(ctx: Ctx, holder: string, statement: string): Promise<Slot> {
    const node = nodeOf(ctx);
    const since = performance.now();
    try {
      const slot = await new Promise<Slot>((resolve, reject) => {
        this.#enqueue(node, new Acquire(this.#queue, resolve, reject));
      });
      this.#counts.waitCount++;
      return this.#lend(slot, holder, statement);
    } catch (err) {
      throw this.#explain(err, node, since);
    } finally {
      this.#counts.waitMs += performance.now() - since;
    }
  }

  #enqueue(node: CtxNode, waiter: Acquire): void {
    node.throwIfDone();
    if (this.#queue.length >= this.#bounds.maxWaiting) {
      throw poolOverloaded(this.holders());
    }
    this.#queue.push(waiter);
    park(node, waiter);
    this.#timeout ??= setTimeout(() => this.#giveUp(), this.#bounds.acquireTimeoutMs);
    this.#fill();
  }

  #explain(err: unknown, node: CtxNode, since: number): unknown {
    if (err === TIMED_OUT) return poolTimeout(performance.now() - since, this.holders());
    return err === node.err ? wrap(err, `sql: waiting for a connection (${this.holders()})`) : err;
  }

  #lend(slot: Slot, holder: string, statement: string): Slot {
    this.#counts.acquireCount++;
    slot.heldSince = performance.now();
    slot.holder = holder;
    slot.statement = statement;
    return slot;
  }

  // One timer serves the queue: all wait equally long, so the first in it is the first whose time is over.
  #giveUp(): void {
    const now = performance.now();
    this.#timeout = undefined;
    for (let waiter = this.#queue.first; waiter !== null; waiter = this.#queue.first) {
      // A timer may fire a fraction of a millisecond early.
      const left = waiter.since + this.#bounds.acquireTimeoutMs - now;
      if (left >= 1) {
        this.#timeout = setTimeout(() => this.#giveUp(), left);
        return;
      }
      this.#leave(waiter);
      this.#counts.timeouts++;
      waiter.reject(TIMED_OUT);
    }
  }

  #leave(waiter: Acquire): void {
    this.#queue.remove(waiter);
    unlink(waiter);
  }

  // A free connection that can be used as it is; what is not fit any more is retired on the way.
  #takeFresh(): Slot | undefined {
    const slot = this.#takeIdle();
    if (slot === undefined || performance.now() - slot.idleSince < this.#bounds.healthCheckAfterMs) return slot;
    this.#idle.push(slot);
    return undefined;
  }

  #takeIdle(): Slot | undefined {
    for (let slot = this.#idle.pop(); slot !== undefined; slot = this.#idle.pop()) {
      if (slot.conn.broken !== undefined) this.#retire(slot, "broken");
      else if (slot.expiresAt <= performance.now()) this.#retire(slot, "lifetime");
      else return slot;
    }
    return undefined;
  }

  // Gives a connection to the first who waits, else to the idle ones.
  #deliver(slot: Slot): void {
    const waiter = this.#queue.first;
    if (waiter === null) {
      slot.heldSince = 0;
      slot.idleSince = performance.now();
      this.#idle.push(slot);
      return;
    }
    this.#leave(waiter);
    if (this.#queue.length === 0) {
      clearTimeout(this.#timeout);
      this.#timeout = undefined;
    }
    // Held from now on: the caller runs in a later microtask.
    slot.heldSince = performance.now();
    waiter.resolve(slot);
  }

  // Gets a connection on its way for everyone who waits, as far as there may be one.
  #fill(): void {
    while (this.#closed === null && this.#queue.length > this.#opening + this.#checking) {
      const slot = this.#takeIdle();
      if (slot !== undefined) {
        if (performance.now() - slot.idleSince < this.#bounds.healthCheckAfterMs) this.#deliver(slot);
        else void this.#check(slot);
      } else if (this.#all.size + this.#opening + this.#closing < this.#bounds.maxConns) {
        void this.#open();
      } else return;
    }
  }

  async #check(slot: Slot): Promise<void> {
    this.#checking++;
    try {
      await bounded(slot.conn, CHECK_MS, () => slot.conn.query("select 1", []));
    } catch {
      // A connection that fails here is gone; the caller gets another one.
      slot.conn.destroy();
    }
    this.#checking--;
    if (slot.conn.broken !== undefined) this.#retire(slot, "health");
    else if (this.#closed !== null) this.#retire(slot, "pool closed");
    else this.#deliver(slot);
  }

  async #open(): Promise<void> {
    this.#opening++;
    try {
      const conn = await connectWithin(this.#life, this.driver, this.#bounds.acquireTimeoutMs);
      this.#opening--;
      const slot = this.#add(new Slot(conn, lifetimeEnd(this.#bounds)));
      if (this.#closed === null) this.#deliver(slot);
      else this.#retire(slot, "pool closed");
    } catch (err) {
      this.#opening--;
      this.#refuse(err);
      this.#settleClose();
    }
  }

  // A failed attempt fails one caller, so that nobody waits for a server that is gone. Only when the server is full
  // while the pool has connections does the caller wait on, for one of those.
  #refuse(err: unknown): void {
    const waiter = this.#queue.first;
    if (waiter === null || (codeOf(err) === "resource_exhausted" && this.#all.size > 0)) return;
    this.#leave(waiter);
    waiter.reject(err);
    this.#fill();
  }

  #add(slot: Slot): Slot {
    this.#all.add(slot);
    return slot;
  }

  #retire(slot: Slot, why: Why): void {
    this.#all.delete(slot);
    this.#retired[why]++;
    this.#closing++;
    void this.#bury(slot);
  }

  async #bury(slot: Slot): Promise<void> {
    await slot.conn.close();
    this.#closing--;
    this.#fill();
    this.#settleClose();
  }

  #maintain(): void {
    const now = performance.now();
    for (const slot of this.#idle.slice()) {
      const surplus = this.#all.size > this.#bounds.minConns;
      const why: Why | undefined =
        slot.conn.broken !== undefined
          ? "broken"
          : slot.expiresAt <= now
            ? "lifetime"
            : surplus && slot.idleSince + this.#bounds.maxConnIdleTimeMs <= now
              ? "idle"
              : undefined;
      if (why === undefined) continue;
      this.#idle.splice(this.#idle.indexOf(slot), 1);
      this.#retire(slot, why);
    }
    const missing = this.#bounds.minConns - this.#all.size - this.#opening;
    for (let i = 0; i < missing; i++) void this.#open();
    this.#fill();
  }

  #settleClose(): void {
    if (this.#closed !== null && this.#all.size + this.#opening + this.#closing === 0) this.#closed.resolve();
  }
}
