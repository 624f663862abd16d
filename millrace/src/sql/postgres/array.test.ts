import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeArgs } from "./args.ts";
import { parseArray } from "./array.ts";
import { camelCase } from "./camel-case.ts";

test("the forms of an array", () => {
  const cases: [string, unknown[]][] = [
    ["{}", []],
    ["{1,NULL,2}", ["1", null, "2"]],
    ['{"NULL","a,b","c\\"d","e\\\\f",""}', ["NULL", "a,b", 'c"d', "e\\f", ""]],
    [
      "{{1,2},{3,4}}",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    ["[0:1]={1,2}", ["1", "2"]],
    ["[1:1][-2:-1]={{1,2}}", [["1", "2"]]],
  ];
  for (const [text, want] of cases) assert.deepEqual(parseArray(text, String), want, text);
});

test("any array of texts and nulls is read back as it was sent", () => {
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constant(null),
    fc.constantFrom("NULL", "{}", '"', "\\", ","),
  );
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const [text] = encodeArgs("select $1", [values]);
      assert.deepEqual(parseArray(String(text), String), values);
    }),
  );
});

test("keys", () => {
  const cases = [
    ["user_id", "userId"],
    ["a__b", "aB"],
    ["_id", "_id"],
    ["__proto__", "__proto__"],
    ["trailing_", "trailing_"],
    ["line_2", "line2"],
    ["alreadyCamel", "alreadyCamel"],
    ["?column?", "?column?"],
    ["ü_b", "üB"],
  ] as const;
  for (const [name, key] of cases) assert.equal(camelCase(name), key);
});
