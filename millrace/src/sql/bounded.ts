import type { Conn } from "./driver.ts";

/** COMMIT_MS is what a COMMIT may take: a disk flush, with a synchronous replica a round trip more. @internal */
export const COMMIT_MS = 5000;

/** ROLLBACK_MS and CHECK_MS bound one round trip that no caller waits for: a server that takes longer is cut off. @internal */
export const ROLLBACK_MS = 5000;
export const CHECK_MS = 2000;

/** bounded cuts the connection when a call on it takes longer than a number of milliseconds; the call then fails. @internal */
export async function bounded<T>(conn: Pick<Conn, "destroy">, ms: number, call: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => conn.destroy(), ms);
  try {
    return await call();
  } finally {
    clearTimeout(timer);
  }
}
