-- name: GetPost :one
-- getPost is a post with the people behind it; not every post has an editor.
select p.id, p.title, p.status, p.price, sqlc.embed(author), sqlc.embed(editor)
from posts p
join authors author on author.id = p.author_id
left join authors editor on editor.id = p.editor_id
where p.id = $1;

-- name: CreatePost :one
insert into posts (author_id, title, body, price, published_on, cover, meta)
values (@author_id, @title, @body, @price, @published_on, @cover, @meta)
returning id, status;

-- name: Publish :execrows
update posts set status = 'published', published_on = coalesce(sqlc.narg(day), current_date)
where id = @id and status = any(@from_status::post_status[]);

-- name: SearchPosts :many
select id, title, status, meta
from posts
where author_id=@author_id and meta @> @filter and title <> '@not a parameter' /* nor @this */
order by id desc -- nor @that
limit @max_rows;

-- name: DeleteDrafts :many
delete from posts where author_id = @author_id and status = 'draft' returning sqlc.embed(posts);

-- name: StreamPosts :stream
select sqlc.embed(p) from posts p order by p.id;
