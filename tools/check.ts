import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { ROOT } from "./lib/root.ts";
import { TSC } from "./lib/surface.ts";

const BIN = `${ROOT}/node_modules/.bin`;
const node = (file: string): readonly string[] => [process.execPath, `${ROOT}/tools/${file}`];

const DB = "storefront/db";
const QUERIES = ["--migrations", `${DB}/migrations`, "--queries", `${DB}/queries`, "--out", `${DB}/gen`];

/** STEPS are started in this order, two at a time; the slow ones are first. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  types: [process.execPath, TSC, "-p", "."],
  lint: [`${BIN}/oxlint`, "--type-aware", "--deny-warnings"],
  "storefront's types": [process.execPath, TSC, "-p", "storefront"],
  unused: [process.execPath, `${BIN}/knip`, "--no-progress"],
  "storefront's queries": [
    process.execPath,
    `${ROOT}/cli/bin/millrace.js`,
    "gen",
    "sql",
    "--check",
    "--lint",
    ...QUERIES,
  ],
  exports: node("exports.ts"),
  api: node("api.ts"),
  docs: node("docs.ts"),
  floors: node("floors.ts"),
  lockfile: node("lockfile.ts"),
  format: [`${BIN}/oxfmt`, "--check", "."],
};

/** run runs one step and prints all that it said if it failed. */
async function run(name: string, [file, ...args]: readonly string[]): Promise<boolean> {
  const child = spawn(file!, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (code !== 0) console.error(`check: ${name} failed\n${out}${err}`);
  return code === 0;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in STEPS));
if (unknown.length > 0) {
  console.error(`check: no step ${unknown.join(", ")}; there are ${Object.keys(STEPS).join(", ")}`);
  process.exit(2);
}
const queue = Object.entries(STEPS).filter(([name]) => wanted.length === 0 || wanted.includes(name));
let ok = true;
const worker = async (): Promise<void> => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) ok = (await run(...next)) && ok;
};
await Promise.all([worker(), worker()]);
process.exitCode = ok ? 0 : 1;
