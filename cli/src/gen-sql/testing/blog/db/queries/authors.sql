-- name: GetAuthor :one
select id, handle, email, bio, tags, settings, created_at
from authors
where id = @id;

-- findAuthor is for signing in: who has this address, if anyone.
-- name: FindAuthor :maybe
select id, handle from authors where email = sqlc.arg(email);

-- name: ListAuthors :many
-- listAuthors gives a page of the authors, by handle.
-- An absent filter matches all.
select id, handle, bio
from authors
where handle > @after
  and (sqlc.narg(search)::text is null or handle like sqlc.narg(search) || '%')
order by handle
limit @max_rows;

-- name: CreateAuthor :exec
insert into authors (id, handle, email, bio, tags, settings, created_at)
values (@id, @handle, @email, @bio, @tags, @settings, @created_at);

-- name: SetBio :execrows
update authors set bio = sqlc.narg('bio') where id = @id;

-- name: AuthorsByID :many
-- millrace:ignore many-without-limit the caller bounds the ids
select id, handle from authors where id in (sqlc.slice(ids));

-- name: AuthorsBut :many
-- millrace:ignore many-without-limit there are few authors
-- millrace:ignore seq-scan nearly all of them are wanted
select id, handle from authors where id not in (sqlc.slice('ids')) order by handle;

-- name: ImportAuthors :copyfrom
insert into authors (id, handle, email, bio, created_at) values ($1, $2, $3, $4, $5);

-- name: ExportAuthors :stream
-- exportAuthors reads every author, a portion at a time.
select id, handle, email from authors order by id;

-- name: CountAuthors :one
select count(*) as "total!", max(created_at) as latest from authors;
