-- name: InsertOrder :exec
insert into orders (id, user_id, currency, total, created_at)
values (@id, @user_id, @currency, @total, @created_at);

-- name: InsertOrderItems :one
-- All items of an order with one statement, in the order of the arrays; gives what they come to.
with inserted as (
  insert into order_items (order_id, position, sku, quantity, unit_price)
  select @order_id::uuid, position, sku, quantity, unit_price
  from unnest(@skus::text[], @quantities::int[], @unit_prices::numeric[])
    with ordinality as item (sku, quantity, unit_price, position)
  returning quantity * unit_price as amount
)
select coalesce(sum(amount), 0) as total from inserted;

-- name: FindOrder :maybe
select id, user_id, currency, total, created_at from orders where id = @id;

-- name: ListOrders :many
-- In the order of their ids, after one of them.
select id, user_id, currency, total, created_at from orders
where id > @after
order by id limit @max_rows::int;

-- name: ListOrdersOf :many
select id, user_id, currency, total, created_at from orders
where user_id = @user_id and id > @after
order by id limit @max_rows::int;

-- name: ListItems :many
-- The items of several orders, each order's in their own order.
-- millrace:ignore many-without-limit at most a hundred for each order of a page
select order_id, sku, quantity, unit_price from order_items
where order_id = any(@order_ids::uuid[])
order by order_id, position;
