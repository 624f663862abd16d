-- +goose Up
create extension if not exists citext;

create domain handle as text check (value ~ '^[a-z0-9_]{2,32}$');

create type post_status as enum ('draft', 'published', 'archived');

create table authors (
  id uuid primary key,
  handle handle not null unique,
  email citext not null unique,
  bio text,
  tags text[] not null default '{}' check (array_position(tags, null) is null),
  settings jsonb not null default '{}',
  created_at timestamptz not null
);

create table posts (
  id bigint generated always as identity primary key,
  author_id uuid not null references authors (id),
  editor_id uuid references authors (id),
  status post_status not null default 'draft',
  title text not null,
  body text not null,
  price numeric(12, 2) not null default 0,
  published_on date,
  cover bytea,
  meta jsonb
);

create index posts_author_id_idx on posts (author_id, id);
create index posts_editor_id_idx on posts (editor_id);

-- +goose Down
drop table posts;
drop table authors;
drop type post_status;
drop domain handle;
