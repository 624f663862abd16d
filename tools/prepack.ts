import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { ROOT } from "./lib/root.ts";
import { TSC } from "./lib/surface.ts";

// npm runs this before it packs millrace: a fresh dist, and the files of the repository that belong to the package.
const millrace = join(ROOT, "millrace");
for (const file of ["LICENSE", "README.md"]) copyFileSync(join(ROOT, file), join(millrace, file));
rmSync(join(millrace, "dist"), { recursive: true, force: true });
// Nothing on standard output: `npm pack --json` prints its answer there.
const build = spawnSync(process.execPath, [TSC, "-p", join(millrace, "tsconfig.build.json")], {
  stdio: ["ignore", 2, 2],
});
process.exitCode = build.status ?? 1;
