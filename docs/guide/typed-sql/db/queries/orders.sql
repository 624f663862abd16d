-- name: PlaceOrder :one
insert into orders (user_id, total) values (@user_id, @total)
returning id, status;

-- name: ListOrders :many
select id, status, total
from orders
where user_id = @user_id and id > @after and status in (sqlc.slice(statuses))
order by id
limit @max_rows;

-- name: GetOrder :one
select o.id, o.status, sqlc.embed(customer), sqlc.embed(courier)
from orders o
join users customer on customer.id = o.user_id
left join users courier on courier.id = o.courier_id
where o.id = @id;
