import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { COMMANDS } from "../cli/src/main.ts";
import { ROOT } from "./lib/root.ts";
import { subpaths } from "./lib/surface.ts";

const run = promisify(execFile);
const ALL = [...subpaths().keys()];

// What users get is the packed package, not this tree: it is packed, unpacked and used as they would.
describe("the package", { timeout: 120_000 }, () => {
  let dir: string;
  let tarball: string;
  let app: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "millrace-pack-"));
    tarball = await pack("millrace", dir);
    // The app has the package alone; what that depends on is found one folder further up.
    app = join(dir, "app");
    await mkdir(join(app, "node_modules/millrace"), { recursive: true });
    await exec("tar", ["-xzf", tarball, "--strip-components=1", "-C", join(app, "node_modules/millrace")]);
    await symlink(join(ROOT, "node_modules"), join(dir, "node_modules"));
    await cp(join(ROOT, "tools/consumer/tsconfig.json"), join(app, "tsconfig.json"));
    await cp(join(ROOT, "tools/consumer/consumer.ts"), join(app, "consumer.ts"));
    await writeFile(join(app, "package.json"), '{ "type": "module" }');
    await writeFile(
      join(app, "every-subpath.ts"),
      ALL.map((name, n) => `export * as m${n} from "millrace/${name}";\n`).join(""),
    );
  });
  after(() => rm(dir, { recursive: true, force: true }));

  test("holds its licence, its README and its sources, and no tests", async () => {
    const files = await readdir(join(app, "node_modules/millrace"), { recursive: true });
    for (const wanted of ["LICENSE", "README.md", "package.json", "dist/errors/index.d.ts", "src/errors/index.ts"]) {
      assert.ok(files.includes(wanted), wanted);
    }
    assert.deepEqual(
      files.filter((file) => /\.test\.|(^|\/)testing(\/|$)/.test(file)),
      [],
    );
  });

  test("publint finds nothing", async () => {
    assert.deepEqual(await lint(tarball), []);
  });

  test("its types resolve for ES modules under every resolution that has exports", async () => {
    await exec(process.execPath, [join(ROOT, "node_modules/.bin/attw"), tarball, "--profile", "esm-only"]);
  });

  for (const version of ["typescript-5.9", "typescript-6"]) {
    test(`compiles for a consumer on ${version}`, async () => {
      const tsc = join(ROOT, "tools/consumer", version, "node_modules/typescript/bin/tsc");
      await exec(process.execPath, [tsc, "-p", "."], app);
    });
  }

  test("every subpath can be imported as plain JavaScript", async () => {
    const source = ALL.map((name) => `await import("millrace/${name}");`).join("\n");
    await exec(process.execPath, ["--input-type=module", "-e", source], app);
  });
});

describe("the command line", { timeout: 120_000 }, () => {
  let dir: string;
  let tarball: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "millrace-pack-cli-"));
    tarball = await pack("cli", dir);
    // As npm installs them: beside each other, and what they depend on is found one folder further up.
    for (const [file, name] of [
      [tarball, "@millrace/cli"],
      [await pack("millrace", dir), "millrace"],
    ] as const) {
      const to = join(dir, "app/node_modules", name);
      await mkdir(to, { recursive: true });
      await exec("tar", ["-xzf", file, "--strip-components=1", "-C", to]);
    }
    await symlink(join(ROOT, "node_modules"), join(dir, "node_modules"));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  test("holds plain JavaScript alone, and publint finds nothing", async () => {
    const files = await readdir(join(dir, "app/node_modules/@millrace/cli"), { recursive: true });
    for (const wanted of ["LICENSE", "README.md", "dist/main.js"]) assert.ok(files.includes(wanted), wanted);
    assert.deepEqual(
      files.filter((file) => /\.ts$|\.test\.|(^|\/)testing(\/|$)/.test(file)),
      [],
    );
    assert.deepEqual(await lint(tarball), []);
  });

  test("runs as it is, and loads every command", async () => {
    const bin = join(dir, "app/node_modules/@millrace/cli/bin/millrace.js");
    assert.match((await exec(process.execPath, [bin, "--help"])).stdout, /^Usage: millrace/);
    for (const name of Object.keys(COMMANDS)) {
      assert.match((await exec(process.execPath, [bin, ...name.split(" "), "--help"])).stdout, /^Usage: millrace/);
    }
  });
});

/** pack packs a workspace as it is published, and gives the tarball. */
async function pack(workspace: string, to: string): Promise<string> {
  const { stdout } = await exec("npm", ["pack", "--json", "--pack-destination", to], join(ROOT, workspace));
  return join(to, JSON.parse(stdout.slice(stdout.indexOf("[")))[0].filename);
}

async function lint(tarball: string): Promise<unknown[]> {
  const { buffer } = await readFile(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  return messages.map((message) => formatMessage(message, pkg));
}

/** exec fails with what the command printed. */
async function exec(file: string, args: readonly string[], cwd: string = ROOT): Promise<{ stdout: string }> {
  try {
    return await run(file, args, { cwd });
  } catch (err) {
    const { stdout, stderr } = err as { stdout: string; stderr: string };
    return assert.fail(`${file} ${args.join(" ").slice(0, 200)}:\n${stdout}${stderr}`);
  }
}
