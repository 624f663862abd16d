import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, finish, read } from "./lib/root.ts";

// npm leaves an optional package out of the lock file when the registry at hand does not have it, and from then on
// `npm ci` refuses that lock file, on every machine. Most tools ship a package per platform, and mirrors hold the common
// platforms only. This check finds such gaps; with --write it closes them: name, version and platform say enough for npm
// to skip the package, or to fetch it where it is needed.

interface Locked {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const PLATFORM =
  /(?:^|[-/])(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|windows)-([a-z0-9]+)/;

const lock: { packages: Record<string, Locked> } = JSON.parse(read("package-lock.json"));
const missing = new Map<string, Locked>();
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(optionalDependencies)) {
    if (found(path, name)) continue;
    const platform = PLATFORM.exec(name);
    const version = /^[\^~]?(\d+\.\d+\.\d+\S*)$/.exec(range)?.[1];
    if (platform === null || version === undefined) throw new Error(`${path}: cannot lock ${name}@${range}`);
    const os = platform[1] === "windows" ? "win32" : platform[1];
    const libc = name.includes("-musl") ? { libc: ["musl"] } : name.includes("-gnu") ? { libc: ["glibc"] } : {};
    const isDev = dev === true ? { dev } : {};
    missing.set(`node_modules/${name}`, { version, cpu: [platform[2]], ...isDev, ...libc, optional: true, os: [os] });
  }
}

if (process.argv.includes("--write")) {
  const packages = { ...lock.packages, ...Object.fromEntries(missing) };
  const sorted = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, "en"));
  writeFileSync(
    join(ROOT, "package-lock.json"),
    `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
  );
} else {
  const [first] = missing.keys();
  const problem = `${missing.size} optional packages are missing, ${first} first: node tools/lockfile.ts --write`;
  finish("lockfile", first === undefined ? [] : [problem]);
}

/** found looks for a package where Node would: beside the dependent, then in each folder further up. */
function found(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    if (lock.packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === "") return false;
    if (!at.includes("node_modules/")) return lock.packages[`node_modules/${name}`] !== undefined;
  }
}
