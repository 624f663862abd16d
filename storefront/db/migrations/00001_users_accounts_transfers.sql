-- +goose Up
create table users (
  id uuid primary key,
  email text not null check (length(email) <= 320),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create unique index users_email_key on users (lower(email));

create table accounts (
  id uuid primary key,
  owner_id uuid not null references users (id),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  balance numeric(24, 4) not null check (balance >= 0),
  created_at timestamptz not null
);

create index accounts_owner_id_idx on accounts (owner_id);

create table transfers (
  id uuid primary key,
  from_account_id uuid not null references accounts (id),
  to_account_id uuid not null references accounts (id),
  amount numeric(24, 4) not null check (amount > 0),
  created_at timestamptz not null,
  check (from_account_id <> to_account_id)
);

create index transfers_from_account_id_idx on transfers (from_account_id);
create index transfers_to_account_id_idx on transfers (to_account_id);

-- One row for each Idempotency-Key that was used: what was asked (fingerprint) and what came of it.
create table idempotency_keys (
  key text primary key check (length(key) <= 255),
  fingerprint text not null,
  transfer_id uuid references transfers (id),
  refusal jsonb,
  created_at timestamptz not null,
  check (transfer_id is null or refusal is null)
);

create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

-- What has been done once to this database, such as filling in the demo data.
create table milestones (
  name text primary key,
  reached_at timestamptz not null
);

-- +goose Down
drop table milestones;
drop table idempotency_keys;
drop table transfers;
drop table accounts;
drop table users;
