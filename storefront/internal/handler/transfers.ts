import { type Router, created, endpoint, json } from "millrace/http";
import { z } from "zod";
import type { Transfer } from "../domain/transfer.ts";
import type { Transfers } from "../service/transfers.ts";
import { byId, id } from "./wire.ts";

const newTransfer = z.strictObject({ from_account_id: id, to_account_id: id, amount: z.string().max(40) });

// The key's form is the client's choice; visible ASCII keeps it printable in every log.
const keyed = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "must be 1 to 255 visible ASCII characters")
    .optional(),
});

/** transferRoutes serves /transfers. */
export function transferRoutes(r: Router, transfers: Transfers): void {
  r.post(
    "/transfers",
    endpoint({ headers: keyed, body: newTransfer }, async (ctx, { headers, body }) => {
      const { from_account_id: fromAccountId, to_account_id: toAccountId, amount } = body;
      const asked = { fromAccountId, toAccountId, amount };
      const { transfer, replayed } = await transfers.create(ctx, asked, headers["idempotency-key"]);
      const reply = created(`/api/v1/transfers/${transfer.id}`, toTransfer(transfer));
      return replayed ? reply.header("idempotent-replayed", "true") : reply;
    }),
  );
  r.get(
    "/transfers/:id",
    endpoint({ params: byId }, async (ctx, { params }) => json(toTransfer(await transfers.get(ctx, params.id)))),
  );
}

function toTransfer({ id, fromAccountId, toAccountId, amount, createdAt }: Transfer): object {
  return {
    id,
    from_account_id: fromAccountId,
    to_account_id: toAccountId,
    amount: amount.toString(),
    created_at: createdAt,
  };
}
