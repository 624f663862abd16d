import { execFile } from "node:child_process";
import { chmod, cp, mkdir, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { type Instruction, type Stage, ignores, parseDockerfile } from "./dockerfile.ts";
import { STOREFRONT, readFile } from "./files.ts";

const CONTEXT = join(STOREFRONT, "..");
const run = promisify(execFile);

/** Image is what a build leaves: a tree, and how it is started. */
export interface Image {
  /** root is the last stage's "/". */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly argv: readonly string[];
  readonly healthcheck: readonly string[];
}

/** build does what the Dockerfile says, in a folder: copies, and RUN on this machine, without what a base image brings. */
export async function build(dir: string): Promise<Image> {
  const stages = parseDockerfile(readFile("Dockerfile"));
  const ignored = ignores(readFile("Dockerfile.dockerignore"));
  const roots = new Map<string, string>();
  let last: Image | undefined;
  for (const [i, stage] of stages.entries()) {
    const root = join(dir, String(i));
    roots.set(stage.name ?? String(i), root);
    // One after the other, as they build on each other.
    // oxlint-disable-next-line no-await-in-loop
    last = await buildStage(stage, root, { roots, ignored });
  }
  if (last === undefined) throw new Error("no FROM");
  await readOnly(last.root);
  return last;
}

interface Build {
  readonly roots: ReadonlyMap<string, string>;
  readonly ignored: (path: string) => boolean;
}

async function buildStage({ instructions }: Stage, root: string, build: Build): Promise<Image> {
  const image = { root, workdir: "/", env: {}, user: "0", argv: [] as string[], healthcheck: [] as readonly string[] };
  let entrypoint: readonly string[] = [];
  let cmd: readonly string[] = [];
  for (const instruction of instructions) {
    const { name, args, text } = instruction;
    if (name === "WORKDIR") image.workdir = args[0]!;
    else if (name === "ENV") Object.assign(image.env, Object.fromEntries(args.map((pair) => pair.split("=", 2))));
    else if (name === "USER") image.user = args[0]!;
    else if (name === "ENTRYPOINT") entrypoint = args;
    else if (name === "CMD") cmd = args;
    else if (name === "HEALTHCHECK") image.healthcheck = args;
    // oxlint-disable-next-line no-await-in-loop
    else if (name === "COPY") await copy(instruction, join(root, image.workdir), build);
    // oxlint-disable-next-line no-await-in-loop
    else if (name === "RUN") await shell(text, join(root, image.workdir));
    else if (name !== "EXPOSE" && name !== "STOPSIGNAL") throw new Error(`${name} is not known here`);
  }
  return { ...image, argv: [...entrypoint, ...cmd] };
}

async function copy({ args, flags }: Instruction, workdir: string, { roots, ignored }: Build): Promise<void> {
  const { from } = flags;
  const target = args.at(-1)!;
  await mkdir(workdir, { recursive: true });
  for (const source of args.slice(0, -1)) {
    const path = join(from === undefined ? CONTEXT : roots.get(from)!, source);
    const isFile = /\.\w+$/.test(source);
    // "/app" is below the stage's own root.
    const base = target.startsWith("/") ? join(dirname(workdir), target) : join(workdir, target);
    const filter = (each: string): boolean => from !== undefined || !ignored(relative(CONTEXT, each));
    // oxlint-disable-next-line no-await-in-loop
    await cp(path, isFile ? join(base, source.split("/").at(-1)!) : base, {
      recursive: true,
      filter,
      verbatimSymlinks: true,
    });
  }
}

async function shell(command: string, cwd: string): Promise<void> {
  const { PATH, HOME } = process.env;
  // What npm ci of this checkout has fetched is enough; the registry need not be there.
  const env = { PATH, HOME, npm_config_prefer_offline: "true", npm_config_update_notifier: "false" };
  await run("/bin/sh", ["-c", command], { cwd, env });
}

async function readOnly(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const tree = entries.filter((entry) => !entry.isSymbolicLink());
  await Promise.all(
    tree.map((entry) => chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444)),
  );
}
