import { type Router, created, endpoint, json } from "millrace/http";
import { z } from "zod";
import type { Transfer } from "../domain/transfer.ts";
import type { Transfers } from "../service/transfers.ts";
import { byId, id, made, time } from "./wire.ts";

const tags = ["transfers"];

const newTransfer = z
  .strictObject({
    from_account_id: id,
    to_account_id: id,
    amount: z
      .string()
      .max(40)
      .meta({ examples: ["1.50"] }),
  })
  .meta({ id: "NewTransfer" });

// The key's form is the client's choice; visible ASCII keeps it printable in every log.
const keyed = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "must be 1 to 255 visible ASCII characters")
    .describe("whoever asks again with the same key within 24 hours gets the first outcome again")
    .optional(),
});

const transfer = z
  .object({ id, from_account_id: id, to_account_id: id, amount: z.string(), created_at: time })
  .meta({ id: "Transfer" });

const moved = made(transfer, "The transfer: all of the money has moved.");
const CREATED = {
  ...moved,
  headers: { ...moved.headers, "idempotent-replayed": "`true` if an earlier request with this key has made it" },
};

/** transferRoutes serves /transfers. */
export function transferRoutes(r: Router, transfers: Transfers): void {
  r.post(
    "/transfers",
    endpoint(
      {
        headers: keyed,
        body: newTransfer,
        responses: {
          201: CREATED,
          404: "There is no such account.",
          409: "The balance is too low, the currencies differ, or the key was used with another request.",
        },
        tags,
        summary: "Move money",
        operationId: "createTransfer",
      },
      async (ctx, { headers, body }) => {
        const { from_account_id: fromAccountId, to_account_id: toAccountId, amount } = body;
        const asked = { fromAccountId, toAccountId, amount };
        const { transfer, replayed } = await transfers.create(ctx, asked, headers["idempotency-key"]);
        const reply = created(`/api/v1/transfers/${transfer.id}`, toTransfer(transfer));
        return replayed ? reply.header("idempotent-replayed", "true") : reply;
      },
    ),
  );
  r.get(
    "/transfers/:id",
    endpoint(
      {
        params: byId,
        responses: { 200: transfer, 404: "There is no such transfer." },
        tags,
        summary: "Read a transfer",
        operationId: "getTransfer",
      },
      async (ctx, { params }) => json(toTransfer(await transfers.get(ctx, params.id))),
    ),
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
