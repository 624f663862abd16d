import type { Ctx } from "millrace/context";
import type { Tx } from "millrace/sql";

export async function up(ctx: Ctx, tx: Tx): Promise<void> {
  const users = await tx.many<{ id: bigint; email: string }>(ctx, "select id, email from users");
  for (const { id, email } of users) {
    await tx.exec(ctx, "update users set slug = $2 where id = $1", [id, slugOf(email)]);
  }
}

function slugOf(email: string): string {
  return email.split("@")[0]!.toLowerCase().replaceAll(/\W+/g, "-");
}
