import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { TOOLKIT } from "./lib/floor-table.ts";
import { ROOT, filesOf, finish, read } from "./lib/root.ts";
import { subpaths } from "./lib/surface.ts";

/** INTERNAL are the folders with no subpath. */
const INTERNAL = ["runtime", "schema", "otlp"];

/** ADAPTERS are the floors whose folders load the optional peer that they are for. */
const ADAPTERS: readonly number[] = [8, 10];

/** ALONE says which folders may be loaded with a subpath that others are built from; there, every module counts. */
const ALONE: Readonly<Record<string, readonly string[]>> = {
  errors: ["errors"],
  time: ["time", "errors"],
  secret: ["secret"],
  context: ["context", "runtime", "errors"],
  chan: ["chan", "runtime", "context", "errors"],
  sync: ["sync", "runtime", "context", "errors"],
  task: ["task", "chan", "runtime", "context", "errors"],
  trace: ["trace", "log/attrs.ts", "context", "runtime", "errors"],
  flow: ["flow", "task", "chan", "runtime", "context", "errors"],
  metrics: ["metrics", "runtime", "errors"],
};

/** LOAD imports one subpath and prints the URL of every module that this loads. */
const LOAD = `
import { registerHooks } from "node:module";
registerHooks({ load(url, context, next) { console.log(url); return next(url, context); } });
await import(process.argv[1]);
`;

const problems: string[] = [];
const manifest = JSON.parse(read("millrace/package.json"));
const exported = subpaths();
const folders = new Set(filesOf("millrace/src/**/index.ts").map((file) => file.slice("millrace/src/".length, -9)));

for (const folder of folders) {
  if (!exported.has(folder) && !INTERNAL.includes(folder)) problems.push(`${folder}/index.ts has no entry in exports`);
}
for (const [subpath, folder] of exported) {
  if (!folders.has(subpath)) problems.push(`./${subpath} is exported, but ${folder}/index.ts does not exist`);
  const want = {
    "@millrace/source": `./src/${subpath}/index.ts`,
    types: `./dist/${subpath}/index.d.ts`,
    default: `./dist/${subpath}/index.js`,
  };
  // The order counts too: Node takes the first condition that holds.
  if (JSON.stringify(manifest.exports[`./${subpath}`]) !== JSON.stringify(want)) {
    problems.push(`./${subpath}: exports must be ${JSON.stringify(want)}`);
  }
}

/** loaded lists the modules that a subpath loads, as paths in millrace/src or as package names. */
async function loaded(subpath: string): Promise<string[]> {
  const args = ["--conditions=@millrace/source", "--input-type=module", "-e", LOAD, `millrace/${subpath}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  const urls = stdout.split("\n").filter((url) => url.startsWith("file:"));
  return urls.map((url) => /.*\/(?:node_modules|millrace\/src)\/(.*)/.exec(url)?.[1] ?? url);
}

async function probe(subpath: string): Promise<void> {
  const modules = await loaded(subpath).catch((err: { stderr?: string }) => {
    problems.push(`import("millrace/${subpath}") fails:\n${err.stderr}`);
    return [];
  });
  if (modules.length === 0) problems.push(`import("millrace/${subpath}"): no module was seen`);
  const alone = ALONE[subpath];
  const peers = Object.keys(manifest.peerDependencies);
  for (const module of modules) {
    const strange =
      alone !== undefined && !alone.some((folder) => module === folder || module.startsWith(`${folder}/`));
    const peer =
      !ADAPTERS.includes(TOOLKIT[subpath]?.floor ?? 0) && peers.some((name) => module.startsWith(`${name}/`));
    if (strange || peer) problems.push(`import("millrace/${subpath}") loads ${module}`);
  }
}

const queue = [...exported.keys()].filter((subpath) => folders.has(subpath));
const worker = async (): Promise<void> => {
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) await probe(next);
};
await Promise.all([worker(), worker()]);
finish("exports", problems);
