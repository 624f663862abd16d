import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bubble } from "millrace/test";
import { printAwait } from "../awaits.ts";

// A bubble stays open while the system owes it an answer: here, until somebody opens the other end of a pipe.
const dir = mkdtempSync(join(tmpdir(), "await-installed-"));
const pipe = join(dir, "pipe");
execFileSync("mkfifo", [pipe]);
const waiting = bubble(async () => (await open(pipe)).close());
const turn = new Promise((resolve) => setImmediate(resolve));
await turn;
await printAwait();
await (await open(pipe, "w")).close();
await waiting;
rmSync(dir, { recursive: true });
