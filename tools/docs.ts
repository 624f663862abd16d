import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { parseMarkdown } from "./lib/markdown.ts";
import { ROOT, filesOf, finish, read } from "./lib/root.ts";
import { surface } from "./lib/surface.ts";

const problems: string[] = [];

// 1. Every export of the toolkit has a doc comment.
for (const [subpath, exports] of surface()) {
  for (const { name, documented } of exports) {
    if (!documented) problems.push(`millrace/${subpath}: ${name} has no doc comment`);
  }
}

// 2. Every link inside of the repository leads somewhere.
const pages = new Map(
  filesOf("*.md", "{cli,storefront,bench,e2e,docs,tools}/**/*.md").map((file) => [file, page(file)]),
);
for (const [file, { links }] of pages) {
  for (const { target, line } of links) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue; // another site: a check must not need the network
    const [path = "", fragment] = target.split("#", 2);
    const to = path === "" ? file : posix.join(posix.dirname(file), decodeURIComponent(path));
    if (!existsSync(join(ROOT, to))) problems.push(`${file}:${line}: ${target}: no such file`);
    else if (fragment !== undefined && pages.has(to) && !pages.get(to)!.anchors.has(fragment)) {
      problems.push(`${file}:${line}: ${target}: no such heading`);
    }
  }
}

// 3. A `ts` block in the README or a guide is part of a program that runs: a test named *.example.test.ts, a program
// *.example.ts that the test of its name starts, or the storefront. Indentation and empty lines do not count. A block
// that cannot be is written `ts sketch`.
const programs = filesOf("{docs,millrace/src,e2e}/**/*.example{,.test}.ts", "storefront/**/*.ts").map((file) => {
  const test = file.replace(/\.example\.ts$/, ".example.test.ts");
  if (!existsSync(join(ROOT, test)) || !read(test).includes(posix.basename(file))) {
    if (test !== file) problems.push(`${file}: no ${posix.basename(test)} starts it`);
  }
  return squeeze(read(file));
});
for (const [file, { blocks }] of pages) {
  if (file !== "README.md" && !file.startsWith("docs/guide/")) continue;
  for (const { info, code, line } of blocks) {
    if (info !== "ts" || programs.some((program) => program.includes(squeeze(code)))) continue;
    problems.push(
      `${file}:${line}: this block is in no *.example.test.ts and not in the storefront: nothing proves it`,
    );
  }
}

finish("docs", problems);

function page(file: string): ReturnType<typeof parseMarkdown> {
  return parseMarkdown(read(file));
}

/** squeeze leaves what counts when code is compared: its lines, without indentation, between line ends. */
function squeeze(code: string): string {
  const lines = code.split("\n").map((line) => line.trim());
  return `\n${lines.filter((line) => line !== "").join("\n")}\n`;
}
