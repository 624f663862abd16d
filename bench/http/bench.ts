import { join } from "node:path";
import type { Bench } from "../lib/bench.ts";
import { idleConnectionsCase, latencyCase, memoryCase, throughputCase } from "../lib/cases.ts";
import { goSubject, nodeSubject } from "../lib/subject.ts";
import { TOKEN } from "./token.ts";

const file = (name: string): string => join(import.meta.dirname, name);
const go = file("go/net-http");
const chi = file("go/chi");
const answer = { path: "/users/42", body: '{"id":"42","name":"John"}' };

const fullStack = {
  ...answer,
  headers: { authorization: `Bearer ${TOKEN}` },
  subjects: [
    nodeSubject("millrace", file("millrace-full-stack.ts")),
    nodeSubject("node:http", file("node-http-full-stack.ts")),
    nodeSubject("fastify", file("fastify-full-stack.ts")),
    nodeSubject("hono", file("hono-full-stack.ts")),
    nodeSubject("h3", file("h3-full-stack.ts")),
    nodeSubject("express", file("express-full-stack.ts")),
    nodeSubject("nestjs", file("nestjs-full-stack.ts")),
    goSubject("net/http", go, { CASE: "full-stack" }),
    goSubject("chi", chi, { CASE: "full-stack" }),
  ],
};
// 2,000 requests a second: a sixth of what the slowest of them can do on one processor.
const PER_MS = 2;

/**
 * A route with a parameter and a small JSON answer with its length, over kept-alive connections: bare, where the engine is
 * all there is to see, and behind what a service has in production: there also how long an answer takes at a steady rate,
 * and the memory that the load leaves. The set-ups of the peers are said in their files.
 */
export const bench: Bench = {
  name: "http",
  cases: [
    throughputCase({
      ...answer,
      name: "bare",
      subjects: [
        nodeSubject("millrace", file("millrace-bare.ts")),
        nodeSubject("node:http", file("node-http-bare.ts")),
        nodeSubject("fastify", file("fastify-bare.ts")),
        nodeSubject("hono", file("hono-bare.ts")),
        nodeSubject("h3", file("h3-bare.ts")),
        nodeSubject("express", file("express-bare.ts")),
        nodeSubject("nestjs", file("nestjs-bare.ts")),
        goSubject("net/http", go, { CASE: "bare" }),
        goSubject("chi", chi, { CASE: "bare" }),
      ],
    }),
    throughputCase({ ...fullStack, name: "full-stack" }),
    latencyCase({ ...fullStack, name: "full-stack-p50", q: 0.5, perMs: PER_MS }),
    latencyCase({ ...fullStack, name: "full-stack-p99", q: 0.99, perMs: PER_MS }),
    memoryCase({ ...fullStack, name: "full-stack-memory", connections: 64, requests: 100_000 }),
    idleConnectionsCase({
      ...answer,
      name: "connections-10k",
      connections: 10_000,
      subjects: [
        nodeSubject("millrace", file("millrace-bare.ts")),
        nodeSubject("node:http", file("node-http-bare.ts")),
        nodeSubject("fastify", file("fastify-bare.ts")),
        nodeSubject("hono", file("hono-bare.ts")),
        nodeSubject("h3", file("h3-bare.ts")),
        nodeSubject("express", file("express-bare.ts")),
        nodeSubject("nestjs", file("nestjs-bare.ts")),
        goSubject("net/http", go, { CASE: "bare" }),
      ],
    }),
  ],
};
