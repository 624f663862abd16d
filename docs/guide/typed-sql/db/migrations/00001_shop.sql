-- +goose Up
create type order_status as enum ('open', 'paid', 'sent');

create table users (
  id uuid primary key,
  email text not null unique,
  name text not null,
  phone text,
  created_at timestamptz not null
);

create table orders (
  id bigint generated always as identity primary key,
  user_id uuid not null references users (id),
  courier_id uuid references users (id),
  status order_status not null default 'open',
  total numeric(12, 2) not null
);

create index orders_user_id_idx on orders (user_id, id);
create index orders_courier_id_idx on orders (courier_id);

-- +goose Down
drop table orders;
drop table users;
drop type order_status;
