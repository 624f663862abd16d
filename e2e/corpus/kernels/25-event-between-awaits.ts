import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** An iterator listens only while somebody waits for it: what happens while the last event is worked on is lost. */
export const kernel: Kernel = {
  id: 25,
  name: "event lost between two awaits",
  seen: ["nodejs/node#58490"],
  detectors: ["explore", "deadlock"],
  buggy: (k) => scenario(k, watchOnce),
  fixed: (k) => scenario(k, watchAll),
};

type Watch = (files: EventEmitter) => AsyncGenerator<string>;

async function scenario(k: Environment, watch: Watch): Promise<void> {
  const files = new EventEmitter();
  const edit = async (): Promise<void> => {
    for (const name of ["a.ts", "b.ts", "c.ts"]) {
      await calls(k, 8);
      files.emit("change", name);
    }
  };
  const build = async (): Promise<string[]> => {
    const built: string[] = [];
    for await (const name of watch(files)) {
      await k.io();
      built.push(name);
      if (name === "c.ts") break;
    }
    return built;
  };
  const [built] = await Promise.all([build(), edit()]);
  assert.deepEqual(built, ["a.ts", "b.ts", "c.ts"]);
}

async function* watchOnce(files: EventEmitter): AsyncGenerator<string> {
  for (;;) {
    const [name] = (await once(files, "change")) as [string];
    yield name;
  }
}

async function* watchAll(files: EventEmitter): AsyncGenerator<string> {
  const names: string[] = [];
  let wake: (() => void) | undefined;
  const onChange = (name: string): void => {
    names.push(name);
    wake?.();
  };
  files.on("change", onChange);
  try {
    for (;;) {
      const name = names.shift();
      if (name !== undefined) yield name;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    files.off("change", onChange);
  }
}
