import assert from "node:assert/strict";
import { test } from "node:test";
import { lex } from "./lex.ts";

const cases = [
  {
    name: "words, names and marks",
    in: 'select "a b".x, y;',
    want: ["word", "name", "mark", "word", "mark", "word", "mark"],
  },
  { name: "a quote within a string", in: "'it''s' x", want: ["string", "word"] },
  { name: "a backslash within an escape string", in: String.raw`E'\' x' y`, want: ["string", "word"] },
  { name: "a backslash within a plain string", in: String.raw`'\' y`, want: ["string", "word"] },
  {
    name: "strings with a prefix",
    in: "b'1' X'ff' n'a' U&'\\0061' u&\"b\"",
    want: ["string", "string", "string", "string", "name"],
  },
  { name: "a dollar quote", in: "$$ ' $1 $$ x", want: ["string", "word"] },
  { name: "a dollar quote with a tag", in: "$a$ $$ $b$ $a$ x", want: ["string", "word"] },
  { name: "arguments", in: "$1,$23", want: ["argument", "mark", "argument"] },
  { name: "a dollar within a word", in: "a$1 b", want: ["word", "word"] },
  { name: "numbers", in: "1 1.5 .5 1e-3 0xff 1_000 1.", want: Array.from({ length: 7 }, () => "number") },
  { name: "a cast", in: "a::text", want: ["word", "mark", "word"] },
  { name: "an array's slice", in: "a[1:2]", want: ["word", "mark", "number", "mark", "number", "mark"] },
  {
    name: "operators",
    in: "a @> b <@ c=-1",
    want: ["word", "operator", "word", "operator", "word", "operator", "number"],
  },
  {
    name: "a comment ends an operator",
    in: "a +--x\nb */*y*/c",
    want: ["word", "operator", "comment", "word", "operator", "comment", "word"],
  },
  { name: "block comments nest", in: "/* a /* b */ ' */ x", want: ["comment", "word"] },
  { name: "letters of other scripts", in: "größe = 'ß'", want: ["word", "operator", "string"] },
  { name: "a character that is none of it", in: "a \\ b", want: ["word", "mark", "word"] },
  { name: "a string without an end", in: "a 'b c", want: ["word", "broken"] },
  { name: "a dollar quote without an end", in: "a $x$ b $$", want: ["word", "broken"] },
  { name: "a comment without an end", in: "a /* /* */ b", want: ["word", "broken"] },
];

for (const { name, in: text, want } of cases) {
  test(`lex: ${name}`, () => {
    const tokens = lex(text);
    assert.deepEqual(
      tokens.map(({ kind }) => kind),
      want,
    );
    for (const token of tokens) assert.equal(text.slice(token.start, token.end), token.text);
  });
}

test("lex: a long string does not exhaust the stack", () => {
  const text = `'${"x''".repeat(200_000)}'`;
  assert.equal(lex(text).length, 1);
});
