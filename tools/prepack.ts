import { copyFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { spawnSync } from "node:child_process";
import { ROOT } from "./lib/root.ts";
import { TSC } from "./lib/surface.ts";

// npm runs this in a package's folder before it packs it: a fresh dist, and the files of the repository that belong in.
const name = basename(process.cwd());
copyFileSync(join(ROOT, "LICENSE"), join(ROOT, name, "LICENSE"));
if (name === "millrace") copyFileSync(join(ROOT, "README.md"), join(ROOT, name, "README.md"));
// The command line is compiled against what users of the toolkit get.
const built = name === "cli" ? build("millrace") && build("cli") : build(name);
process.exitCode = built ? 0 : 1;

function build(name: string): boolean {
  rmSync(join(ROOT, name, "dist"), { recursive: true, force: true });
  const project = join(ROOT, name, "tsconfig.build.json");
  // Nothing on standard output: `npm pack --json` prints its answer there.
  return spawnSync(process.execPath, [TSC, "-p", project], { stdio: ["ignore", 2, 2] }).status === 0;
}
