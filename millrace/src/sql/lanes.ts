import { type CancelCtx, type Ctx, background, withCancel, withTimeout } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import { orDone } from "../context/or-done.ts";
import { wrap } from "../errors/index.ts";
import { unlink } from "../runtime/waiter.ts";
import { Semaphore } from "../sync/index.ts";
import { CHECK_MS, bounded } from "./bounded.ts";
import type { LaneConn, Result } from "./driver.ts";
import { label } from "./label.ts";
import { Lane, type LaneEnd, type LaneOwner } from "./lane.ts";
import { LaneEntry } from "./lane-entry.ts";
import { type LaneText, LaneTexts } from "./lane-text.ts";
import { type Bounds, lifetimeEnd } from "./options.ts";
import { refuseNested } from "./scope.ts";
import type { Slot } from "./slot.ts";
import { poolClosed } from "./pool-failure.ts";
import type { Slots } from "./slots.ts";
import type { LaneStats } from "./stats.ts";

// Each request is a process that the server forks, and none is urgent: the callers have left.
const CANCELS_AT_ONCE = 4;
// How long the lanes are left alone after one could not be opened; statements use other connections meanwhile.
const REOPEN_MS = 1000;
const TICK_MS = 30_000;

/** RunOn runs one statement on a connection of its own and gives the connection back. @internal */
export type RunOn = (slot: Slot, ctx: Ctx, text: string, args: readonly unknown[]) => Promise<Result>;

/**
 * Lanes spreads single statements over connections that are pipelined: the one with the least to do takes the next.
 * When none takes it, it waits for a connection in the pool's queue like everyone, or for room on a lane, whichever
 * comes first. Lanes are opened when they are needed, while the statements of that time run elsewhere. @internal
 */
export class Lanes implements LaneOwner {
  readonly texts: LaneTexts;
  readonly #slots: Slots;
  readonly #bounds: Bounds;
  readonly #runOn: RunOn;
  // Those that take statements, and those that still have some on their way.
  #all: readonly Lane[] = [];
  // Statements for which no lane had room, in order; each is in the pool's queue as well.
  readonly #waiting = new Set<LaneEntry>();
  readonly #life: CancelCtx = withCancel(background);
  readonly #cancels = new Semaphore(CANCELS_AT_ONCE);
  readonly #tick: NodeJS.Timeout;
  #dirty: Lane[] = [];
  #opening = 0;
  #closing = 0;
  #reopenAt = 0;
  #closed: PromiseWithResolvers<void> | null = null;
  #counts = { statements: 0, reruns: 0, cancels: 0 };
  #retired: Record<LaneEnd, number> = { lifetime: 0, idle: 0, health: 0, broken: 0, "pool closed": 0 };

  /** The driver of slots can open lanes. */
  constructor(slots: Slots, bounds: Bounds, runOn: RunOn) {
    this.texts = new LaneTexts(bounds.trialRuns);
    this.#slots = slots;
    slots.beside = () => this.describe();
    this.#bounds = bounds;
    this.#runOn = runOn;
    const shortest = Math.min(bounds.maxConnIdleTimeMs, bounds.maxConnLifetimeMs);
    this.#tick = setInterval(() => this.#maintain(), Math.min(Math.max(shortest / 4, 10), TICK_MS));
    this.#tick.unref();
  }

  run(ctx: Ctx, text: string, args: readonly unknown[], about: LaneText): Promise<Result> {
    const node = nodeOf(ctx);
    return new Promise((resolve, reject) => {
      refuseNested(ctx, this.#slots, text);
      if (node.core.ended !== null) throw wrap(node.err, `sql: ${label(text)}`);
      if (this.#closed !== null) throw poolClosed();
      this.place(new LaneEntry(node, text, args, about, resolve, reject));
    });
  }

  place(entry: LaneEntry): void {
    const now = performance.now();
    let best: Lane | undefined;
    for (const lane of this.#all) {
      if (this.#takes(lane, now) && (best === undefined || lane.load < best.load)) best = lane;
    }
    if (best === undefined || best.load > 0) this.#openMore(now);
    if (best !== undefined) return this.#push(best, entry);
    this.#waiting.add(entry);
    this.#join(entry);
  }

  again(entry: LaneEntry): void {
    this.#counts.reruns++;
    this.#join(entry);
  }

  flushSoon(lane: Lane): void {
    if (this.#dirty.push(lane) === 1) process.nextTick(() => this.#flush());
  }

  changed(lane: Lane): void {
    if (lane.ending !== undefined && (lane.empty || lane.conn.broken !== undefined)) {
      this.#retire(lane, lane.ending);
      return;
    }
    if (this.#waiting.size === 0) return;
    const now = performance.now();
    for (const entry of this.#waiting) {
      if (!this.#takes(lane, now)) return;
      this.#waiting.delete(entry);
      this.#slots.withdraw(entry.waiter!);
      this.#push(lane, entry);
    }
  }

  async cancel(conn: LaneConn, wanted: () => boolean): Promise<void> {
    using _token = await this.#cancels.acquire(background);
    if (!wanted()) return;
    this.#counts.cancels++;
    await conn.cancel();
  }

  stats(): LaneStats {
    const { lifetime, idle, health, broken } = this.#retired;
    return {
      open: this.#all.length,
      opening: this.#opening,
      closing: this.#closing,
      shut: this.#all.filter((lane) => lane.shut).length,
      inFlight: this.#all.reduce((sum, lane) => sum + lane.load, 0),
      ...this.#counts,
      closedByLifetime: lifetime,
      closedByIdle: idle,
      closedByHealth: health,
      closedBroken: broken,
    };
  }

  /** describe says what is under way on the lanes. */
  describe(): string {
    const now = performance.now();
    const busy = this.#all.filter((lane) => lane.load > 0);
    return busy.map((lane) => lane.describe(now)).join("; ");
  }

  /** close takes nothing new, waits for what is under way until ctx ends, then cuts the lanes and throws. */
  async close(ctx: Ctx): Promise<void> {
    if (this.#closed === null) {
      this.#closed = Promise.withResolvers();
      this.#life.cancel(poolClosed());
      clearInterval(this.#tick);
      for (const lane of this.#all) this.#end(lane, "pool closed");
      this.#settleClose();
    }
    try {
      await orDone(ctx, this.#closed.promise);
    } catch (err) {
      const forced = wrap(err, `sql: pool closed by force (${this.describe()})`);
      for (const lane of this.#all) lane.conn.destroy();
      await this.#closed.promise;
      throw forced;
    }
  }

  #push(lane: Lane, entry: LaneEntry): void {
    this.#counts.statements++;
    park(entry.node, entry);
    lane.push(entry);
  }

  // Puts a statement into the pool's queue for a connection.
  #join(entry: LaneEntry): void {
    unlink(entry);
    entry.carrier = null;
    entry.written = false;
    entry.waiter = this.#slots.join(
      entry.node,
      entry.text,
      (slot) => void this.#runAlone(entry, slot),
      (err) => {
        this.#waiting.delete(entry);
        entry.reject(err);
      },
    );
  }

  async #runAlone(entry: LaneEntry, slot: Slot): Promise<void> {
    this.#waiting.delete(entry);
    try {
      entry.resolve(await this.#runOn(slot, entry.node, entry.text, entry.args));
    } catch (err) {
      entry.reject(err);
    }
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const lane of dirty) lane.flush();
  }

  // Whether a lane takes one more; one that is too old, or was idle for long, is seen to.
  #takes(lane: Lane, now: number): boolean {
    if (!lane.takes(now)) return false;
    if (lane.expiresAt <= now) this.#end(lane, "lifetime");
    else if (lane.load > 0 || now - lane.since < this.#bounds.healthCheckAfterMs) return true;
    else void this.#check(lane);
    return false;
  }

  async #check(lane: Lane): Promise<void> {
    lane.checking = true;
    const destroy = (): void => {
      this.#end(lane, "health");
      lane.conn.destroy();
    };
    try {
      await bounded({ destroy }, CHECK_MS, () => this.#probe(lane));
      lane.checking = false;
      this.changed(lane);
    } catch {
      destroy();
    }
  }

  #probe(lane: Lane): Promise<Result> {
    const text = "select 1";
    return new Promise((resolve, reject) => {
      lane.push(new LaneEntry(nodeOf(background), text, [], this.texts.of(text), resolve, reject));
    });
  }

  #openMore(now: number): void {
    const all = this.#all.length + this.#opening + this.#closing;
    if (all < this.#bounds.lanes && now >= this.#reopenAt && this.#closed === null) void this.#open();
  }

  async #open(): Promise<void> {
    this.#opening++;
    try {
      using ctx = withTimeout(this.#life, this.#bounds.acquireTimeoutMs);
      const conn = await this.#slots.driver.openLane!(ctx);
      this.#opening--;
      const lane = new Lane(conn, lifetimeEnd(this.#bounds), this);
      this.#all = [...this.#all, lane];
      if (this.#closed !== null) this.#end(lane, "pool closed");
      else this.changed(lane);
    } catch {
      // Statements that wait hear of it from the connections of their own.
      this.#opening--;
      this.#reopenAt = performance.now() + REOPEN_MS;
      this.#settleClose();
    }
  }

  #end(lane: Lane, why: LaneEnd): void {
    lane.ending ??= why;
    if (lane.empty) this.#retire(lane, why);
  }

  #retire(lane: Lane, why: LaneEnd): void {
    if (!this.#all.includes(lane)) return;
    this.#all = this.#all.filter((other) => other !== lane);
    this.#retired[why]++;
    this.#closing++;
    void this.#bury(lane);
  }

  async #bury(lane: Lane): Promise<void> {
    await lane.conn.close();
    this.#closing--;
    this.#settleClose();
  }

  #maintain(): void {
    const now = performance.now();
    for (const lane of this.#all) {
      if (!lane.empty) continue;
      if (lane.expiresAt <= now) this.#end(lane, "lifetime");
      else if (now - lane.since >= this.#bounds.maxConnIdleTimeMs) this.#end(lane, "idle");
    }
  }

  #settleClose(): void {
    if (this.#closed !== null && this.#all.length + this.#opening + this.#closing === 0) this.#closed.resolve();
  }
}
