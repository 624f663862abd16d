import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { loadMigrations, parseMigration } from "./index.ts";

const FILE = `-- about users
-- +goose Up
create table users (id int); -- the users

-- a comment of its own
create index i
  on users (id);
-- +goose StatementBegin
create function f() returns void language plpgsql as $$
begin
  perform 1;
end $$;
-- +goose StatementEnd
-- +goose Down
drop table users;
`;

test("statements, with their lines", () => {
  for (const text of [FILE, FILE.replaceAll("\n", "\r\n"), `\uFEFF${FILE}`]) {
    const m = parseMigration("db/00001_add_users.sql", text);
    assert.deepEqual([m.version, m.name, m.file, m.transaction], [1n, "add_users", "00001_add_users.sql", true]);
    assert.deepEqual(
      m.up.map(({ line, text }) => [line, text.split("\n").length]),
      [
        [3, 1],
        [6, 3],
        [9, 4],
      ],
    );
    assert.deepEqual(m.down, [{ line: 15, text: "drop table users;" }]);
    assert.equal(m.checksum, parseMigration("1_x.sql", FILE).checksum);
  }
  const plain = parseMigration("20260102030405_x.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nselect 1;");
  assert.equal(plain.transaction, false);
  assert.equal(plain.down, undefined);
  assert.equal(plain.version, 20260102030405n);
});

test("bad files are refused with file and line", () => {
  const cases = [
    { name: "users.sql", text: "-- +goose Up", want: /users\.sql: a migration is called like/ },
    { name: "0_users.sql", text: "-- +goose Up", want: /is called like/ },
    { name: "1_a.sql", text: "select 1;", want: /1_a\.sql:1: a statement before/ },
    { name: "1_a.sql", text: "-- nothing", want: /1_a\.sql: there is no "-- \+goose Up"/ },
    { name: "1_a.sql", text: "-- +goose Up\n\nselect 1\n", want: /1_a\.sql:3: the statement does not end/ },
    { name: "1_a.sql", text: "-- +goose Up\nselect 1\n-- +goose Down", want: /1_a\.sql:2: the statement does not end/ },
    {
      name: "1_a.sql",
      text: "-- +goose Up\n-- +goose StatementBegin\nx",
      want: /1_a\.sql:2: "StatementBegin" without/,
    },
    { name: "1_a.sql", text: "-- +goose Up\n-- +goose StatementEnd", want: /1_a\.sql:2: "StatementEnd" without/ },
    { name: "1_a.sql", text: "-- +goose Down", want: /1_a\.sql:1: "Down" stands once, after "Up"/ },
    { name: "1_a.sql", text: "-- +goose Up\n-- +goose Up", want: /1_a\.sql:2: a second "Up"/ },
    { name: "1_a.sql", text: "-- +goose Upp", want: /1_a\.sql:1: unknown annotation "\+goose Upp"/ },
  ];
  for (const { name, text, want } of cases) {
    assert.throws(() => parseMigration(name, text), {
      code: "invalid_argument",
      reason: "migrate/bad_file",
      message: want,
    });
  }
});

test("a folder is read in the order of its versions", (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), "millrace-migrate-"));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const file of ["10_c.sql", "9_b.sql", "00001_a.sql"]) writeFileSync(path.join(dir, file), FILE);
  writeFileSync(path.join(dir, "README.md"), "no migration");
  assert.deepEqual(
    loadMigrations(dir).map(({ name }) => name),
    ["a", "b", "c"],
  );
  writeFileSync(path.join(dir, "09_again.sql"), FILE);
  assert.throws(() => loadMigrations(dir), { reason: "migrate/duplicate" });
});
