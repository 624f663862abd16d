-- getUser is the user with an id.
-- name: GetUser :one
select id, email, name, phone, created_at
from users
where id = @id;

-- name: FindUser :maybe
select id, name from users where email = @email;

-- name: CreateUser :exec
insert into users (id, email, name, phone, created_at)
values (@id, @email, @name, @phone, @created_at);

-- name: ChangeUser :execrows
update users
set name = coalesce(sqlc.narg(name), name), phone = coalesce(sqlc.narg(phone), phone)
where id = @id;

-- name: ImportUsers :copyfrom
insert into users (id, email, name, phone, created_at) values (@id, @email, @name, @phone, @created_at);

-- name: ExportUsers :stream
select id, email, name from users order by id;
