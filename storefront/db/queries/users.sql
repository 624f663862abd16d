-- name: InsertUser :exec
insert into users (id, email, name, created_at, updated_at)
values (@id, @email, @name, @created_at, @updated_at);

-- name: FindUser :maybe
select id, email, name, created_at, updated_at from users where id = @id;

-- name: ListUsers :many
-- In the order of their ids, after one of them.
select id, email, name, created_at, updated_at from users
where id > @after
order by id limit @max_rows::int;

-- name: UpdateUser :maybe
-- What is null stays as it is.
update users set
  email = coalesce(sqlc.narg(email), email),
  name = coalesce(sqlc.narg(name), name),
  updated_at = @updated_at
where id = @id
returning id, email, name, created_at, updated_at;

-- name: DeleteUser :execrows
delete from users where id = @id;
