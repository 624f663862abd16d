import { join } from "node:path";
import type { Bench } from "../lib/bench.ts";
import { type ServerOptions, firstAnswerCase, memoryCase } from "../lib/cases.ts";
import { goSubject, nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");
const options: Omit<ServerOptions, "name"> = {
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

/** The smallest server of each side: how soon it answers after its process starts, and how much memory it holds. */
export const bench: Bench = {
  name: "startup",
  cases: [firstAnswerCase({ ...options, name: "first-answer" }), memoryCase({ ...options, name: "rss" })],
};
