-- name: InsertPost :exec
insert into posts (id, author_id, title, body, created_at) values (@id, @author_id, @title, @body, @created_at);

-- name: FindPost :maybe
select id, author_id, title, body, created_at from posts where id = @id;

-- name: ListPosts :many
-- In the order of their ids, after one of them.
select id, author_id, title, body, created_at from posts
where id > @after
order by id limit @max_rows::int;

-- name: ListPostsOf :many
select id, author_id, title, body, created_at from posts
where author_id = @author_id and id > @after
order by id limit @max_rows::int;
