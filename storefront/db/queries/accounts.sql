-- name: InsertAccount :exec
insert into accounts (id, owner_id, currency, balance, created_at)
values (@id, @owner_id, @currency, @balance, @created_at);

-- name: FindAccount :maybe
select id, owner_id, currency, balance from accounts where id = @id;

-- name: LockAccounts :many
-- In the order of their ids: two transfers over the same accounts never wait in a circle.
-- millrace:ignore many-without-limit as many as ids
select id, owner_id, currency, balance from accounts where id = any(@ids::uuid[]) order by id for update;
