import fs from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import type { Patches } from "../world/patches.ts";
import { type FaultName, type Plan, injected, plans } from "./plan.ts";

type Call = (this: unknown, ...args: unknown[]) => Promise<unknown>;
type Fetch = (this: unknown, input: string | URL | Request, init?: RequestInit) => Promise<Response>;

// They give an iterator, and no promise.
const ITERATORS = ["watch", "glob"];

/** patchIO has fetch and the functions of node:fs/promises ask for faults. */
export function patchIO(patches: Patches): void {
  patches.replace(globalThis, "fetch", (real: Fetch): Fetch => {
    return function fetch(input, init) {
      const plan = plans.getStore();
      const call = (): Promise<Response> => real.call(this, input, init);
      return plan === undefined ? call() : fetched(plan, call);
    };
  });
  for (const [name, value] of Object.entries(fs)) {
    if (typeof value !== "function" || ITERATORS.includes(name)) continue;
    patches.replace(fs, name, (real: Call): Call => {
      return function (...args) {
        const plan = plans.getStore();
        const call = (): Promise<unknown> => real.apply(this, args);
        return plan === undefined ? call() : filed(plan, name, call);
      };
    });
  }
}

async function fetched(plan: Plan, call: () => Promise<Response>): Promise<Response> {
  const fault = plan.strike("fetch", ["delay", "reject", "abort"]);
  if (fault === undefined) return call();
  const late = plan.choose(2) === 1;
  if (fault === "delay") return delayed(plan, late, call);
  if (fault === "abort") return broken(await call());
  // Whether the request has arrived is what nobody can know whose connection was lost.
  if (late) await (await call()).body?.cancel();
  throw new TypeError("fetch failed", { cause: injected("fetch") });
}

// As undici says it: https://fetch.spec.whatwg.org/#abort-a-fetch-controller is "terminated" there.
function broken(res: Response): Response {
  const { status, statusText, headers } = res;
  if (res.body === null) return res;
  const reader = res.body.getReader();
  let first = true;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value } = first ? await reader.read() : { value: undefined };
      if (value !== undefined && value.length > 1) controller.enqueue(value.subarray(0, value.length >> 1));
      if (first && value !== undefined && value.length > 1) {
        first = false;
        return;
      }
      await reader.cancel();
      controller.error(new TypeError("terminated", { cause: injected("fetch") }));
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(body, { status, statusText, headers });
}

async function filed(plan: Plan, name: string, call: () => Promise<unknown>): Promise<unknown> {
  const fault: FaultName | undefined = plan.strike(`fs.${name}`, ["delay", "reject"]);
  if (fault === undefined) return call();
  if (fault === "delay") return delayed(plan, plan.choose(2) === 1, call);
  const cause = injected(`fs.${name}`);
  throw Object.assign(new Error(`EIO: i/o error, ${name}`, { cause }), { code: "EIO", errno: -5, syscall: name });
}

async function delayed<R>(plan: Plan, late: boolean, call: () => Promise<R>): Promise<R> {
  if (!late) await wait(plan.delayMs());
  const result = await call();
  if (late) await wait(plan.delayMs());
  return result;
}
