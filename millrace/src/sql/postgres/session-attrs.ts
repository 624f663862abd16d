import type { Conn } from "../driver.ts";
import { SqlFailure } from "../failure.ts";

/** SESSION_ATTRS are libpq's words for the server that is wanted; the declaration of SessionAttrs names them. */
export const SESSION_ATTRS = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const;

/**
 * SessionAttrs says which of several servers will do: read-write is one whose sessions may write, primary one that is no
 * standby; prefer-standby takes a standby, or else any.
 * Source: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS
 */
export type SessionAttrs = (typeof SESSION_ATTRS)[number];

/** Settings is what the server reports of a session, by name. @internal */
export type Settings = ReadonlyMap<string, string>;

/** writes says that a session that cannot write is of no use. @internal */
export function writes(attrs: SessionAttrs): boolean {
  return attrs === "read-write" || attrs === "primary";
}

/** checkAttrs throws ("sql/wrong_server") when a session is not what is wanted. @internal */
export async function checkAttrs(attrs: SessionAttrs, conn: Conn, settings: Settings, where: string): Promise<void> {
  if (attrs === "any") return;
  const { standby, readOnly } = await rolesOf(conn, settings);
  const fits = {
    "read-write": !readOnly,
    "read-only": readOnly,
    primary: !standby,
    standby,
    "prefer-standby": standby,
  }[attrs];
  if (fits) return;
  const is = standby ? "a standby" : readOnly ? "read-only" : "a primary";
  throw new SqlFailure(`sql: connect to ${where}: it is ${is}, and target_session_attrs is ${attrs}`, {
    code: "unavailable",
    reason: "sql/wrong_server",
  });
}

/** readOnlyBy is what the server last reported of whether a session can write; undefined: it reports nothing. @internal */
export function readOnlyBy(settings: Settings): boolean | undefined {
  const standby = settings.get("in_hot_standby");
  const readOnly = settings.get("default_transaction_read_only");
  return standby === undefined || readOnly === undefined ? undefined : standby === "on" || readOnly === "on";
}

async function rolesOf(conn: Conn, settings: Settings): Promise<{ standby: boolean; readOnly: boolean }> {
  const reported = readOnlyBy(settings);
  if (reported !== undefined) return { standby: settings.get("in_hot_standby") === "on", readOnly: reported };
  // Neither does a server before 14, nor a proxy.
  const { rows } = await conn.query(
    "select pg_is_in_recovery() as standby, current_setting('transaction_read_only') = 'on' as read_only",
    [],
  );
  const [row] = rows;
  return { standby: row?.["standby"] === true, readOnly: row?.["readOnly"] === true };
}
