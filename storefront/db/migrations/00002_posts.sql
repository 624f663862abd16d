-- +goose Up
create table posts (
  id uuid primary key,
  author_id uuid not null references users (id),
  title text not null check (length(title) between 1 and 200),
  body text not null check (length(body) <= 20000),
  created_at timestamptz not null
);

-- An author's posts are listed in the order of their ids.
create index posts_author_id_idx on posts (author_id, id);

-- +goose Down
drop table posts;
