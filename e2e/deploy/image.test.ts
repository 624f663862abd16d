import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, chmodSync, constants, copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { PLACES, type Place } from "../database.ts";
import { tempDir } from "../storefront.ts";
import { ignores, parseDockerfile } from "./dockerfile.ts";
import { readFile } from "./files.ts";
import { type Image, build } from "./image.ts";

// There is no Docker here: its steps are done by hand, and its entry point is started with this Node.
describe("the image", { timeout: 300_000 }, () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let place: Place;
  let image: Image;
  before(async () => {
    dir = await tempDir();
    chmodSync(dir.path, 0o755);
    place = await PLACES.find(({ name }) => name === "PostgreSQL")!.make();
    image = await build(dir.path);
    // Where the base image has it, so that any user may start it, wherever the checkout is.
    mkdirSync(dirname(node()), { recursive: true });
    copyFileSync(process.execPath, node(), constants.COPYFILE_FICLONE);
    chmodSync(node(), 0o755);
  });
  after(async () => {
    // What is read-only must be writable to be removed, unless one is root.
    spawnSync("chmod", ["-R", "u+w", dir.path]);
    await dir[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  const node = (): string => join(image.root, "nodejs/bin/node");
  const inImage = (argv: readonly string[]): string[] => {
    const [program, ...args] = argv;
    assert.equal(program, "/nodejs/bin/node");
    return args;
  };
  // As the image's user; only root may become somebody else.
  const user = (): object => {
    const [uid, gid] = image.user.split(":").map(Number);
    return process.getuid?.() === 0 ? { uid, gid } : {};
  };

  it("has what runs, and nothing that does not", () => {
    const modules = readdirSync(join(image.root, "app/node_modules"));
    for (const name of ["zod", "pg", "undici", "millrace"]) assert.ok(modules.includes(name), name);
    for (const name of ["typescript", "oxlint", "fast-check", "fastify"]) assert.ok(!modules.includes(name), name);
    assert.ok(modules.length < 50, modules.join(" "));
    const files = readdirSync(join(image.root, "app"), { recursive: true }).map(String);
    const ours = files.filter((file) => !file.includes("node_modules"));
    assert.deepEqual(
      ours.filter((file) => /\.test\.ts$|(^|\/)(testing|deploy|\.env|\.git)(\/|$)/.test(file)),
      [],
    );
    accessSync(join(image.root, "app/storefront/db/migrations/00001_users_accounts_transfers.sql"));
  });

  it("migrates, starts, answers its probes and stops, read-only and as its user", async () => {
    // The user may not write where this run's coverage goes.
    const env = {
      ...image.env,
      ...place.env,
      NODE_V8_COVERAGE: "",
      HOST: "127.0.0.1",
      PORT: "0",
      ADMIN_ADDR: "127.0.0.1:0",
    };
    const options = { cwd: join(image.root, image.workdir), env, ...user() };
    const flags = inImage(image.argv);
    const migrate = [...flags.slice(0, -1), "storefront/cmd/migrate/main.ts"];
    const migrated = spawnSync(node(), migrate, { ...options, encoding: "utf8" });
    assert.equal(migrated.status, 0, migrated.stdout + migrated.stderr);
    const child = spawn(node(), flags, { ...options, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    try {
      let url = "";
      const lines: string[] = [];
      for await (const line of createInterface(child.stdout)) {
        lines.push(line);
        url = /the storefront is open: (http:[^"]+)/.exec(line)?.[1] ?? url;
        if (line.includes("app: ready")) break;
      }
      child.stdout.resume();
      assert.notEqual(url, "", lines.join("\n"));
      for (const path of ["/healthz", "/readyz", "/startupz", "/docs"]) {
        // oxlint-disable-next-line no-await-in-loop
        assert.equal((await fetch(url + path)).status, 200, path);
      }
      const check = (port: string): number | null =>
        spawnSync(process.execPath, inImage(image.healthcheck), { env: { PORT: port } }).status;
      assert.equal(check(new URL(url).port), 0);
      assert.equal(check("1"), 1);
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
    assert.equal(child.exitCode, 0);
  });
});

describe("the Dockerfile", () => {
  const stages = parseDockerfile(readFile("Dockerfile"));
  const last = stages.at(-1)!;
  const of = (name: string): readonly string[] => last.instructions.find((each) => each.name === name)?.args ?? [];

  it("ends in an image without a shell, as a user by number who is not root", () => {
    assert.match(last.image, /^gcr\.io\/distroless\/nodejs\d+-debian\d+:nonroot$/);
    assert.match(of("USER")[0]!, /^[1-9]\d*:[1-9]\d*$/);
    assert.deepEqual(of("STOPSIGNAL"), ["SIGTERM"]);
    for (const { name, exec, text } of last.instructions) {
      if (["ENTRYPOINT", "CMD", "HEALTHCHECK"].includes(name)) assert.ok(exec, `${name} ${text} needs a shell`);
      assert.notEqual(name, "RUN");
    }
  });

  it("builds and runs on the same Node, which the toolkit supports", () => {
    const [major, base] = stages.map(({ image }) => Number(/node(?:js|:)(\d+)/.exec(image)?.[1]));
    assert.equal(major, base);
    assert.ok(major! >= 24);
  });
});

describe("reading a Dockerfile", () => {
  it("knows flags, the exec form, continued lines and comments", () => {
    const [stage] = parseDockerfile('FROM a AS b\n# no\nCOPY --from=c x \\\n  y z/\nCMD ["d", "e f"]\n');
    assert.deepEqual([stage?.image, stage?.name], ["a", "b"]);
    const [copy, cmd] = stage!.instructions;
    assert.deepEqual([copy?.flags, copy?.args], [{ from: "c" }, ["x", "y", "z/"]]);
    assert.deepEqual([cmd?.exec, cmd?.args], [true, ["d", "e f"]]);
    assert.throws(() => parseDockerfile("FROM a\nCMD [node]\n"), SyntaxError);
  });

  it("knows what is left out", () => {
    const ignored = ignores("*\n!a\n**/*.test.ts\na/b\n");
    const cases = { "x/y": true, a: false, "a/c.ts": false, "a/c.test.ts": true, "a/b/c": true, "a/bc": false };
    for (const [path, want] of Object.entries(cases)) assert.equal(ignored(path), want, path);
  });
});
