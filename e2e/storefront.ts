import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { leaks } from "./leaks.ts";

const ROOT = join(import.meta.dirname, "..");
const OPEN_WITHIN_MS = 30_000;

/** Answer is what the storefront said to a request. */
export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

interface Listed<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
  readonly has_more: boolean;
}

/** Storefront is a storefront in a process of its own, driven over real sockets. */
export class Storefront implements AsyncDisposable {
  readonly url: string;
  /** adminUrl is where the admin port is. */
  readonly adminUrl: string;
  readonly lines: string[];
  /** problems are the bodies of the answers to `call` that were no success. */
  readonly problems: string[] = [];
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  private constructor(url: string, lines: string[], child: ChildProcess, exit: Promise<unknown>) {
    this.url = url;
    this.adminUrl = /the admin port is open: (http:\/\/[^"\s]+)/.exec(lines.join("\n"))?.[1] ?? "none";
    this.lines = lines;
    this.#child = child;
    this.#exit = exit;
  }

  /** start starts the process and waits until it listens; one that ends before that rejects with what it printed. */
  static async start(env: Record<string, string>): Promise<Storefront> {
    const child = spawn(process.execPath, ["--conditions=@millrace/source", "storefront/cmd/api/main.ts"], {
      cwd: ROOT,
      env: { PATH: process.env["PATH"], PORT: "0", ADMIN_ADDR: "127.0.0.1:0", LOG_FORMAT: "json", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const exit = once(child, "exit");
    const lines: string[] = [];
    const opened = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface(stream).on("line", (line) => {
          lines.push(line);
          const url = /the storefront is open: (http:\/\/[^"\s]+)/.exec(line)?.[1];
          if (url !== undefined) resolve(url);
        });
      }
    });
    const timer = AbortSignal.timeout(OPEN_WITHIN_MS);
    const url = await Promise.race([
      opened,
      exit.then(() => undefined),
      new Promise<undefined>((resolve) => timer.addEventListener("abort", () => resolve(undefined))),
    ]);
    if (url !== undefined) return new Storefront(url, lines, child, exit);
    child.kill("SIGKILL");
    await exit;
    throw new Error(`the storefront did not open (exit code ${child.exitCode}):\n${lines.join("\n")}`);
  }

  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    init: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...init.headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: init.signal ?? null,
    });
    const text = await response.text();
    if (!response.ok) this.problems.push(text);
    // The caller names the shape it goes on to check.
    return {
      status: response.status,
      headers: response.headers,
      body: (text === "" ? undefined : JSON.parse(text)) as T,
    };
  }

  /** newUser creates a user and gives the id. */
  async newUser(name = "Owner"): Promise<string> {
    const email = `${crypto.randomUUID()}@example.com`;
    const { status, body } = await this.call<{ id: string }>("POST", "/api/v1/users", { email, name });
    if (status !== 201) throw new Error(`user not created: ${status} ${JSON.stringify(body)}`);
    return body.id;
  }

  /** all reads a list to its end, page by page. */
  async all<T>(path: string, limit: number): Promise<T[]> {
    const found: T[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const { status, body } = await this.call<Listed<T>>("GET", `${path}?limit=${limit}${query}`);
      if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
      if (body.items.length > limit) throw new Error(`${path}: ${body.items.length} items on a page of ${limit}`);
      if (body.has_more !== (body.next_cursor !== null))
        throw new Error(`${path}: has_more is not true to next_cursor`);
      found.push(...body.items);
      cursor = body.next_cursor;
    }
    return found;
  }

  /** openAccounts opens accounts of one new user, each with the same balance in EUR. */
  async openAccounts(count: number, balance: string): Promise<string[]> {
    const opening = { owner_id: await this.newUser(), currency: "EUR", opening_balance: balance };
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      const { status, body } = await this.call<{ id: string }>("POST", "/api/v1/accounts", opening);
      if (status !== 201) throw new Error(`account not opened: ${status} ${JSON.stringify(body)}`);
      ids.push(body.id);
    }
    return ids;
  }

  /** cents is the exact sum of the balances of EUR accounts. */
  async cents(accounts: readonly string[]): Promise<bigint> {
    let sum = 0n;
    for (const id of accounts) {
      const { body } = await this.call<{ balance: string }>("GET", `/api/v1/accounts/${id}`);
      sum += BigInt(body.balance.replace(".", ""));
    }
    return sum;
  }

  /** said waits until a line holds a text. */
  async said(part: string): Promise<void> {
    while (!this.lines.some((line) => line.includes(part))) {
      if (this.#child.stdout?.closed !== false) throw new Error(`it ended without ${part}:\n${this.lines.join("\n")}`);
      await Promise.race([once(this.#child.stdout, "data"), once(this.#child.stdout, "close")]);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** exited waits for the end of the process and gives its exit code, null if a signal ended it. */
  async exited(): Promise<number | null> {
    await this.#exit;
    return this.#child.exitCode;
  }

  /** Ends the process, if it has not ended; it throws if the process has written down what it must not, in any test. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.exited();
    const [leak] = leaks([...this.lines, ...this.problems]);
    if (leak !== undefined) throw new Error(`the storefront has written down ${leak.what}: ${leak.where}`);
  }
}

/** tempDir makes a folder that is removed at the end of the block. */
export async function tempDir(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "millrace-e2e-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
