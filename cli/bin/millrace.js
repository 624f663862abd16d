#!/usr/bin/env node
// Plain JavaScript, and nothing imported before the check: an old Node has to get as far as the message.
const OLDEST = 24;

if (Number(process.versions.node.split(".")[0]) < OLDEST) {
  console.error(
    `millrace: needs Node ${OLDEST} or newer, and this is Node ${process.versions.node} (${process.execPath})`,
  );
  process.exitCode = 1;
} else {
  start().then(
    (code) => (process.exitCode = code),
    (err) => {
      console.error(err);
      process.exitCode = 70;
    },
  );
}

async function start() {
  const { existsSync } = await import("node:fs");
  const source = new URL("../src/main.ts", import.meta.url);
  // The sources are not published: where they are, this is the repository, and its packages are taken as sources too.
  const here = existsSync(source);
  if (here) {
    const { registerHooks } = await import("node:module");
    registerHooks({
      resolve: (specifier, context, next) =>
        next(specifier, { ...context, conditions: ["@millrace/source", ...context.conditions] }),
    });
  }
  const { main } = await import(here ? source.href : new URL("../dist/main.js", import.meta.url).href);
  const { stdout, stderr, env } = process;
  return main(process.argv.slice(2), { stdout, stderr, cwd: process.cwd(), env });
}
