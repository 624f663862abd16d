import { setTimeout as wait } from "node:timers/promises";
import type { Ctx } from "../../context/index.ts";
import type { Failure } from "../../errors/index.ts";
import {
  type Conn,
  type CopyIn,
  type Driver,
  type Feed,
  type Result,
  SqlFailure,
  type Statement,
  type Watcher,
} from "../../sql/index.ts";
import { type Plan, injected, planKey, plans } from "./plan.ts";

/**
 * faultyDriver is a driver whose connections have the faults of the context that they are opened under, or of the flow
 * that uses them: delays, and lost connections, before a statement or after it was run, when nobody knows whether it was.
 */
export function faultyDriver(driver: Driver): Driver {
  return {
    name: driver.name,
    can: driver.can,
    async connect(ctx) {
      const plan = planOf(ctx);
      await before(plan, "sql.connect");
      return new FaultyConn(await driver.connect(ctx), plan);
    },
    async ping(ctx) {
      await before(planOf(ctx), "sql.ping");
      await driver.ping(ctx);
    },
    close: () => driver.close(),
  };
}

class FaultyConn implements Conn {
  readonly #conn: Conn;
  readonly #plan: Plan | undefined;
  #lost: Failure | undefined = undefined;

  constructor(conn: Conn, plan: Plan | undefined) {
    this.#conn = conn;
    this.#plan = plan;
  }

  get inTransaction(): boolean {
    return this.#conn.inTransaction;
  }

  get broken(): Failure | undefined {
    return this.#lost ?? this.#conn.broken;
  }

  query(text: string, args: readonly unknown[]): Promise<Result> {
    return this.#call("sql.query", () => this.#conn.query(text, args));
  }

  begin(begin: string, text: string, args: readonly unknown[]): Promise<Result> {
    return this.#call("sql.query", () => this.#conn.begin(begin, text, args));
  }

  script(text: string): Promise<void> {
    return this.#call("sql.script", () => this.#conn.script(text));
  }

  batch(statements: readonly Statement[]): Promise<Result[]> {
    return this.#call("sql.query", () => this.#conn.batch(statements));
  }

  rows(...args: Parameters<Conn["rows"]>): Feed {
    return this.#conn.rows(...args);
  }

  copyOut(...args: Parameters<Conn["copyOut"]>): Feed {
    return this.#conn.copyOut(...args);
  }

  copyIn(text: string): CopyIn {
    return this.#conn.copyIn(text);
  }

  watch(watcher: Watcher): void {
    this.#conn.watch(watcher);
  }

  cancel(): Promise<void> {
    return this.#conn.cancel();
  }

  close(): Promise<void> {
    return this.#conn.close();
  }

  destroy(): void {
    this.#conn.destroy();
  }

  async #call<R>(point: string, call: () => Promise<R>): Promise<R> {
    const plan = plans.getStore() ?? this.#plan;
    const fault = plan?.strike(point, ["delay", "reject"]);
    if (fault === undefined) return call();
    const late = plan!.choose(2) === 1;
    if (fault === "delay" && !late) await wait(plan!.delayMs());
    const result = fault === "delay" || late ? await call() : undefined;
    if (fault === "reject") {
      this.#lost = lost(point, "sql/connection_lost", false);
      this.#conn.destroy();
      throw this.#lost;
    }
    if (late) await wait(plan!.delayMs());
    // A delay has called.
    return result as R;
  }
}

function planOf(ctx: Ctx): Plan | undefined {
  return ctx.get(planKey) ?? plans.getStore();
}

async function before(plan: Plan | undefined, point: string): Promise<void> {
  const fault = plan?.strike(point, ["delay", "reject"]);
  if (fault === "reject") throw lost(point, "sql/connect_failed", true);
  if (fault === "delay") await wait(plan!.delayMs());
}

function lost(point: string, reason: string, retryable: boolean): SqlFailure {
  const cause = injected(point);
  return new SqlFailure(`sql: ${cause.message}`, { code: "unavailable", reason, retryable, cause });
}
