import type { Ctx } from "../../context/index.ts";
import type { Pool } from "../../sql/index.ts";
import { PREFIX } from "./template.ts";

const TEST = "millrace_test_";
// Nobody is connected to it and nobody has been for so long: whoever made it was killed.
const TEST_AGE_MS = 3_600_000;
const TEMPLATE_AGE_MS = 7 * 24 * 3_600_000;

/** testName is a new name for a database of a test; it says when it was made. @internal */
export function testName(now: number = Date.now()): string {
  return `${TEST}${now.toString(36)}_${crypto.randomUUID().slice(0, 8)}`;
}

/** sweep drops what killed tests left behind an hour ago, and templates that were made a week ago. @internal */
export async function sweep(ctx: Ctx, admin: Pool): Promise<void> {
  const found = await admin.many<{ name: string; made: string | null }>(
    ctx,
    `select datname as name, shobj_description(oid, 'pg_database') as made from pg_database d
     where (starts_with(datname, $1) or starts_with(datname, $2))
       and not exists (select from pg_stat_activity a where a.datid = d.oid)`,
    [TEST, PREFIX],
  );
  for (const { name, made } of found) {
    if (!isOld(name, made)) continue;
    // Somebody else may do the same, or have come to use it now.
    await admin.exec(ctx, `drop database if exists ${name}`).catch(() => undefined);
  }
}

function isOld(name: string, made: string | null): boolean {
  const now = Date.now();
  const time = /^millrace_test_([0-9a-z]+)_[0-9a-f]{8}$/.exec(name)?.[1];
  if (time !== undefined) return now - Number.parseInt(time, 36) > TEST_AGE_MS;
  // A half made one has no date yet, and its maker removes what another one left.
  return made !== null && now - Date.parse(made) > TEMPLATE_AGE_MS;
}
