import type { Ctx } from "../../context/index.ts";
import type { LaneConn, LaneStatement } from "../driver.ts";
import { SqlFailure } from "../failure.ts";
import { FakeDriver } from "./fake.ts";

/** FakeLane is a pipelined connection that answers when the test says so. */
export class FakeLane implements LaneConn {
  broken: SqlFailure | undefined = undefined;
  /** writes are the texts of each write. */
  readonly writes: string[][] = [];
  closed = false;
  /** canceling is what a cancel request does; a test replaces it. */
  canceling: () => Promise<void> = () => Promise.resolve();
  cancels = 0;
  readonly #onWay: LaneStatement[] = [];
  #lost: (() => void) | undefined = undefined;

  get head(): LaneStatement | undefined {
    return this.#onWay[0];
  }

  get depth(): number {
    return this.#onWay.length;
  }

  onLost(listener: () => void): void {
    this.#lost = listener;
  }

  send(statements: readonly LaneStatement[]): void {
    this.writes.push(statements.map(({ text }) => text));
    this.#onWay.push(...statements);
  }

  /** answer answers so many statements, or fails them with an SQLSTATE. */
  answer(count: number = this.depth, sqlState?: string): void {
    for (let i = 0; i < count; i++) {
      const next = this.#onWay.shift()!;
      if (sqlState === undefined) next.done({ rows: [], affected: 0, command: "SELECT" });
      else next.failed(new SqlFailure("failed", { code: "canceled", reason: "sql/query_canceled", sqlState }));
    }
  }

  cancel(): Promise<void> {
    this.cancels++;
    return this.canceling();
  }

  close(): Promise<void> {
    this.closed = true;
    this.#lost = undefined;
    return Promise.resolve();
  }

  destroy(): void {
    if (this.broken !== undefined) return;
    const lost = new SqlFailure("lost", { code: "unavailable", reason: "sql/connection_lost", retryable: false });
    this.broken = lost;
    for (const statement of this.#onWay.splice(0)) statement.failed(lost);
    this.#lost?.();
  }
}

/** FakeLaneDriver is a FakeDriver that can pipeline. */
export class FakeLaneDriver extends FakeDriver {
  readonly lanes: FakeLane[] = [];
  openingLane: (ctx: Ctx) => Promise<void> = () => Promise.resolve();

  async openLane(ctx: Ctx): Promise<FakeLane> {
    await this.openingLane(ctx);
    const lane = new FakeLane();
    this.lanes.push(lane);
    return lane;
  }
}
