import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import type { Environment, Kernel } from "../kernel.ts";

/** Each call listens for the end of the process, and takes its listener away only when it fails. */
export const kernel: Kernel = {
  id: 24,
  name: "listeners pile up on a signal",
  seen: [
    "nodejs/node#17469",
    "nodejs/node#55351",
    "nodejs/node#64476",
    "cloudflare/capnweb#168",
    "sindresorhus/p-retry#71",
    "nodejs/undici#3157",
  ],
  detectors: ["explore"],
  buggy: (k) => scenario(k, untilAborted),
  fixed: (k) => scenario(k, untilAbortedOrDone),
};

type Abortable = (work: Promise<string>, signal: AbortSignal) => Promise<string>;

async function scenario(k: Environment, abortable: Abortable): Promise<void> {
  const { signal } = new AbortController();
  const request = (): Promise<string> => abortable(k.io("answer"), signal);
  const answers = await Promise.all([request(), request(), request()]);
  assert.deepEqual(answers, ["answer", "answer", "answer"]);
  assert.equal(getEventListeners(signal, "abort").length, 0, "listeners stay behind");
}

function untilAborted(work: Promise<string>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
    work.then(resolve, (err: unknown) => {
      signal.removeEventListener("abort", onAbort);
      reject(err);
    });
  });
}

function untilAbortedOrDone(work: Promise<string>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
    work.finally(() => signal.removeEventListener("abort", onAbort)).then(resolve, reject);
  });
}
