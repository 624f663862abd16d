import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench, Subject } from "../lib/bench.ts";
import { type ServerOptions, firstAnswerCase, memoryCase } from "../lib/cases.ts";
import { goSubject, nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");
const smallest: Omit<ServerOptions, "name"> = {
  path: "/users/42",
  body: '{"id":"42","name":"John"}',
  subjects: [
    nodeSubject("millrace", join(dir, "millrace.ts")),
    nodeSubject("node:http", join(dir, "node-http.ts")),
    nodeSubject("fastify", join(dir, "fastify.ts")),
    goSubject("net/http", join(dir, "net-http")),
  ],
  rounds: 9,
};

/** onDatabase is the storefront, with an answer that comes out of its embedded database. */
const onDatabase = { path: "/api/v1/users", body: /"email":/, rounds: 5 };

function storefront(env: Readonly<Record<string, string>>): Subject {
  const file = join(dir, "storefront.ts");
  return {
    name: "millrace",
    async prepare() {
      const scratch = mkdtempSync(join(tmpdir(), "millrace-bench-"));
      process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
      return nodeSubject("millrace", file, { SCRATCH: scratch, ...env }).prepare();
    },
  };
}

/**
 * How soon a service answers after its process starts, and how much memory it holds then: the smallest server of each
 * side, and the storefront on its embedded database, in a folder that it has used before and in an empty one.
 */
export const bench: Bench = {
  name: "startup",
  cases: [
    firstAnswerCase({ ...smallest, name: "first-answer" }),
    firstAnswerCase({ ...onDatabase, name: "first-answer-database", subjects: [storefront({})] }),
    firstAnswerCase({ ...onDatabase, name: "first-answer-new-database", subjects: [storefront({ NEW: "1" })] }),
    memoryCase({ ...smallest, name: "rss" }),
  ],
};
