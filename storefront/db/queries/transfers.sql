-- name: SetBalances :exec
update accounts
set balance = case id when @from_id::uuid then @from_balance::numeric else @to_balance::numeric end
where id in (@from_id::uuid, @to_id::uuid);

-- name: InsertTransfer :exec
insert into transfers (id, from_account_id, to_account_id, amount, created_at)
values (@id, @from_account_id, @to_account_id, @amount, @created_at);

-- name: FindTransfer :maybe
select t.id, t.from_account_id, t.to_account_id, t.amount, a.currency, t.created_at
from transfers t join accounts a on a.id = t.from_account_id
where t.id = @id;

-- name: ClaimKey :execrows
-- 1: the key is this transaction's. A second transaction with the key waits until the first has ended.
insert into idempotency_keys (key, fingerprint, created_at) values (@key, @fingerprint, @created_at)
on conflict (key) do nothing;

-- name: ReadKey :one
select fingerprint, transfer_id, refusal from idempotency_keys where key = @key;

-- name: SettleKey :exec
update idempotency_keys set transfer_id = sqlc.narg(transfer_id), refusal = sqlc.narg(refusal) where key = @key;

-- name: ForgetKeys :execrows
delete from idempotency_keys where created_at < @before;
