import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as middleware from "./index.ts";

// docs/reference/middleware.md says what the code does: its names, its options, their defaults, and the order.

const page = readFileSync(join(import.meta.dirname, "../../../docs/reference/middleware.md"), "utf8");

/** Option is one option of a middleware: what its comment says of the default, and what the file does. */
interface Option {
  readonly of: string;
  readonly name: string;
  readonly documented: string;
  readonly source: string;
}

function optionsOf(file: string): Option[] {
  const source = readFileSync(join(import.meta.dirname, file), "utf8");
  const of = /^export function (\w+)/m.exec(source)?.[1] ?? "";
  const out: Option[] = [];
  for (const [, block = ""] of source.matchAll(/export (?:interface|type) \w+Options(?: =)? ([^]*?\n\}\)?;?)\n/g)) {
    for (const [, comment = "", name = ""] of block.matchAll(/\/\*\*([^]*?)\*\/\s+readonly (\w+)\??:/g)) {
      const text = comment.replaceAll(/\s*\n\s*\*\s*/g, " ");
      const documented =
        /Default: ("[^"]*"|\[[^\]]*\]|[\d,]+(?:\.\d+)?(?: \w+)?|[^.:;]*)/.exec(text)?.[1]?.trim() ?? "";
      // For tests only.
      if (name !== "clock") out.push({ of, name, documented, source });
    }
  }
  return out;
}

const files = readdirSync(import.meta.dirname).filter(
  (name) => /^[a-z-]+\.ts$/.test(name) && !/^(index|standard)/.test(name),
);
const options = files.flatMap(optionsOf);

function rowsOf(name: string): Map<string, string> {
  const heading = name === "idempotencyMemory" ? "The memory, `idempotencyMemory`:" : `\n## ${name}\n`;
  const section = page.slice(page.indexOf(heading) + heading.length);
  const end = name === "idempotencyMemory" ? /\n\n[^|\n]/ : /\n## |\nThe memory/;
  const rows = section.slice(0, end.exec(section)?.index).matchAll(/^\| (\w+) \| ?([^|]*?) ?\| /gm);
  return new Map(
    [...rows].map(([, option = "", value = ""]) => [option, value.trim()] as const).filter(([o]) => o !== "option"),
  );
}

test("every middleware has its section, and every section its middleware", () => {
  const sections = [...page.matchAll(/^## (\w+)$/gm)].map((m) => m[1]);
  const functions = Object.entries(middleware)
    .filter(([, value]) => typeof value === "function")
    .map(([name]) => name);
  const besides = new Set(["standard", "idempotencyMemory", "requireBearer"]);
  assert.deepEqual(sections.map(String).toSorted(), functions.filter((name) => !besides.has(name)).toSorted());
});

test("options and defaults are those of the doc comments, and numbers those of the code", async (t) => {
  assert.ok(options.length > 20);
  for (const { of, name, documented, source } of options) {
    await t.test(`${of}.${name}`, () => {
      const row = rowsOf(of).get(name);
      assert.notEqual(row, undefined, "it is not on the page");
      const text = plain(documented);
      assert.ok(
        plain(row!) === text || (row !== "" && text.startsWith(plain(row!))),
        `the page says ${row}, the comment ${documented}`,
      );
      const number = numberOf(row!);
      if (number === undefined) return;
      const code = new RegExp(`\\b${name}(?: = | \\?\\? )(\\d[\\d._* ]*)`).exec(source)?.[1];
      const value = code?.split("*").reduce((product, factor) => product * Number(factor.replaceAll("_", "")), 1);
      assert.equal(value, number, `the code says ${code}`);
    });
  }
});

test("there is no option on the page that the code does not have", () => {
  for (const of of new Set(options.map((option) => option.of))) {
    const names = options.filter((option) => option.of === of).map((option) => option.name);
    assert.deepEqual([...rowsOf(of).keys()].toSorted(), names.toSorted(), of);
  }
});

test("the order is that of standard", () => {
  const listed = [...page.matchAll(/^\| \d+ \| \[(\w+)\]/gm)].map((m) => m[1]);
  const source = readFileSync(join(import.meta.dirname, "standard.ts"), "utf8");
  const body = source.slice(source.indexOf("return ["));
  const called = [...body.matchAll(/\b(\w+)\((?:deps|csrfOptions|\))/g)].map((m) => m[1]);
  assert.deepEqual(listed, called);
});

function plain(text: string): string {
  return text.replaceAll(/[*`]/g, "");
}

const UNITS: Readonly<Record<string, number>> = { "": 1, KiB: 1024, MiB: 1024 ** 2, hours: 3_600_000 };

function numberOf(text: string): number | undefined {
  const [, digits, unit = ""] = /^([\d,]+(?:\.\d+)?)(?: (KiB|MiB|hours))?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits.replaceAll(",", "")) * UNITS[unit]!;
}
