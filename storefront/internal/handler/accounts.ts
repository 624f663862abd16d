import { type Router, created, endpoint, json } from "millrace/http";
import { z } from "zod";
import type { Account } from "../domain/account.ts";
import { isCurrency } from "../domain/money.ts";
import type { Accounts } from "../service/accounts.ts";
import { byId, id } from "./wire.ts";

const newAccount = z.strictObject({
  owner_id: id,
  currency: z.string().refine(isCurrency, "must be an ISO 4217 currency code such as EUR"),
  opening_balance: z.string().default("0"),
});

/** accountRoutes serves /accounts. */
export function accountRoutes(r: Router, accounts: Accounts): void {
  r.post(
    "/accounts",
    endpoint({ body: newAccount }, async (ctx, { body }) => {
      const { owner_id: ownerId, currency, opening_balance: openingBalance } = body;
      const account = await accounts.open(ctx, { ownerId, currency, openingBalance });
      return created(`/api/v1/accounts/${account.id}`, toAccount(account));
    }),
  );
  r.get(
    "/accounts/:id",
    endpoint({ params: byId }, async (ctx, { params }) => json(toAccount(await accounts.get(ctx, params.id)))),
  );
}

function toAccount({ id, ownerId, balance }: Account): object {
  return { id, owner_id: ownerId, currency: balance.currency, balance: balance.toString() };
}
