-- millrace:ignore unindexed-foreign-key idempotency_keys.transfer_id transfers are never deleted

-- +goose Up
create table orders (
  id uuid primary key,
  user_id uuid not null references users (id),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  total numeric(24, 4) not null check (total >= 0),
  created_at timestamptz not null
);

-- A user's orders are listed in the order of their ids.
create index orders_user_id_idx on orders (user_id, id);

-- An order and its items are written in one transaction, and never changed.
create table order_items (
  order_id uuid not null references orders (id),
  position int not null check (position between 1 and 100),
  sku text not null check (length(sku) between 1 and 64),
  quantity int not null check (quantity between 1 and 10000),
  unit_price numeric(24, 4) not null check (unit_price between 0 and 1000000),
  primary key (order_id, position)
);

-- +goose Down
drop table order_items;
drop table orders;
