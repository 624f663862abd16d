import { Client } from "pg";
import { startPostgres } from "../../tools/postgres.ts";

const SCHEMA = `
  create table users (
    id int primary key, email text not null, name text not null, balance numeric(12, 2) not null, active bool not null,
    created_at timestamptz not null
  );
  create table accounts (id int primary key, balance int8 not null);
  create table events (
    id int8 generated always as identity primary key, user_id int not null, kind text not null, body text not null
  );
  insert into users select i, 'user' || i || '@example.com', 'user ' || i, i / 100.0, i % 2 = 0, '2026-01-02T03:04:05Z'
    from generate_series(1, 100000) i;
  insert into accounts select i, 1000000 from generate_series(1, 200) i;
  vacuum analyze;`;

let url: Promise<string> | undefined;

/** databaseUrl starts one PostgreSQL for the whole bench, which ends with this process. */
export function databaseUrl(): Promise<string> {
  return (url ??= create());
}

async function create(): Promise<string> {
  const server = await startPostgres();
  const client = new Client({ connectionString: server.url });
  await client.connect();
  for (const statement of SCHEMA.split(";")) await client.query(statement);
  await client.end();
  return server.url;
}
