import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
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
    const { stdout } = await exec("npm", ["pack", "--json", "--pack-destination", dir], join(ROOT, "millrace"));
    tarball = join(dir, JSON.parse(stdout.slice(stdout.indexOf("[")))[0].filename);
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
    const { buffer } = await readFile(tarball);
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
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

/** exec fails with what the command printed. */
async function exec(file: string, args: readonly string[], cwd: string = ROOT): Promise<{ stdout: string }> {
  try {
    return await run(file, args, { cwd });
  } catch (err) {
    const { stdout, stderr } = err as { stdout: string; stderr: string };
    return assert.fail(`${file} ${args.join(" ").slice(0, 200)}:\n${stdout}${stderr}`);
  }
}
