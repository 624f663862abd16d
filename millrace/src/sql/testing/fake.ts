import { type Ctx, sleep } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import type { Conn, CopyIn, Driver, Feed, Result } from "../driver.ts";

/** PlainConn is the part of a Conn that a test has no use for. */
export class PlainConn {
  batch(): Promise<Result[]> {
    throw unimplemented();
  }

  rows(): Feed {
    throw unimplemented();
  }

  copyOut(): Feed {
    throw unimplemented();
  }

  copyIn(): CopyIn {
    throw unimplemented();
  }

  watch(): void {}
}

function unimplemented(): Failure {
  return new Failure("fake: not implemented", { code: "unimplemented" });
}

/** FakeConn answers statements under the test's control, for what a real server cannot be made to do on time. */
export class FakeConn extends PlainConn implements Conn {
  inTransaction = false;
  broken: Failure | undefined = undefined;
  /** run answers a statement; a test replaces it. */
  run: (text: string) => Promise<void> = () => Promise.resolve();
  // Rejects what runs when the connection is cut.
  #cut = Promise.withResolvers<never>();

  constructor() {
    super();
    this.#cut.promise.catch(() => undefined);
  }

  async begin(begin: string, text: string): Promise<Result> {
    await this.query(begin);
    return await this.query(text);
  }

  async query(text: string): Promise<Result> {
    if (this.broken !== undefined) throw this.broken;
    await Promise.race([this.run(text), this.#cut.promise]);
    if (this.broken !== undefined) throw this.broken;
    const command = text.split(" ")[0]!.toUpperCase();
    if (command === "BEGIN") this.inTransaction = true;
    if (command === "COMMIT" || command === "ROLLBACK") this.inTransaction = false;
    return { rows: [], affected: 0, command };
  }

  async script(text: string): Promise<void> {
    await this.query(text);
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.broken ??= lost();
    return Promise.resolve();
  }

  destroy(): void {
    this.broken ??= lost();
    this.#cut.reject(this.broken);
  }
}

/** FakeDriver hands out FakeConns; `connecting` may delay or fail an attempt. */
export class FakeDriver implements Driver {
  readonly name = "fake";
  readonly can: Driver["can"];
  readonly conns: FakeConn[] = [];
  connecting: (ctx: Ctx) => Promise<void> = () => Promise.resolve();
  closed = 0;

  constructor(can: Partial<Driver["can"]> = {}) {
    this.can = { cancel: true, advisoryLocks: true, ...can };
  }

  async connect(ctx: Ctx): Promise<FakeConn> {
    await this.connecting(ctx);
    const conn = new FakeConn();
    this.conns.push(conn);
    return conn;
  }

  async ping(ctx: Ctx): Promise<void> {
    await sleep(ctx, 0);
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

function lost(): Failure {
  return new Failure("lost", { code: "unavailable", reason: "sql/connection_lost", retryable: false });
}
