import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT, filesOf, finish, read } from "./lib/root.ts";
import { surface } from "./lib/surface.ts";

// millrace/api holds the exported surface as text, one file per subpath, so that a change to it is seen in its review.
// Without --write this only compares.
const write = process.argv.includes("--write");
const problems: string[] = [];
const written = new Map<string, string>();

for (const [subpath, exports] of surface()) {
  written.set(`millrace/api/${subpath}.txt`, `${exports.map(({ text }) => text).join("\n\n")}\n`);
  for (const { name, any } of exports) if (any) problems.push(`millrace/${subpath}: ${name} has \`any\` in its type`);
}
for (const file of filesOf("millrace/api/**/*.txt")) {
  if (written.has(file)) continue;
  if (write) rmSync(join(ROOT, file));
  else problems.push(`${file}: its subpath is gone: run npm run api`);
}
const present = new Set(filesOf("millrace/api/**/*.txt"));
for (const [file, text] of written) {
  if (present.has(file) && read(file) === text) continue;
  if (write) {
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), text);
  } else problems.push(`${file}: differs from what is exported: run npm run api, and review the difference`);
}
finish("api", problems);
