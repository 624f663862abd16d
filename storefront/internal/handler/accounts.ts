import { type Router, created, endpoint, json } from "millrace/http";
import { z } from "zod";
import type { Account } from "../domain/account.ts";
import { isCurrency } from "../domain/money.ts";
import type { Accounts } from "../service/accounts.ts";
import { byId, id, made } from "./wire.ts";

const tags = ["accounts"];

const newAccount = z
  .strictObject({
    owner_id: id,
    currency: z
      .string()
      .refine(isCurrency, "must be an ISO 4217 currency code such as EUR")
      .meta({ description: "an ISO 4217 code", examples: ["EUR"] }),
    opening_balance: z
      .string()
      .meta({ description: "a decimal with at most as many decimals as the currency has", examples: ["100.00"] })
      .default("0"),
  })
  .meta({ id: "NewAccount" });

const account = z
  .object({ id, owner_id: id, currency: z.string(), balance: z.string().meta({ examples: ["100.00"] }) })
  .meta({ id: "Account" });

/** accountRoutes serves /accounts. */
export function accountRoutes(r: Router, accounts: Accounts): void {
  r.post(
    "/accounts",
    endpoint(
      {
        body: newAccount,
        responses: { 201: made(account, "The new account."), 404: "There is no such owner." },
        tags,
        summary: "Open an account",
        operationId: "openAccount",
      },
      async (ctx, { body }) => {
        const { owner_id: ownerId, currency, opening_balance: openingBalance } = body;
        const account = await accounts.open(ctx, { ownerId, currency, openingBalance });
        return created(`/api/v1/accounts/${account.id}`, toAccount(account));
      },
    ),
  );
  r.get(
    "/accounts/:id",
    endpoint(
      {
        params: byId,
        responses: { 200: account, 404: "There is no such account." },
        tags,
        summary: "Read an account",
        operationId: "getAccount",
      },
      async (ctx, { params }) => json(toAccount(await accounts.get(ctx, params.id))),
    ),
  );
}

function toAccount({ id, ownerId, balance }: Account): object {
  return { id, owner_id: ownerId, currency: balance.currency, balance: balance.toString() };
}
