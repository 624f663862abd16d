import type { AsyncLocalStorage } from "node:async_hooks";

// One for the whole toolkit, null until it is switched on.
let storage: AsyncLocalStorage<object> | null = null;

/**
 * openCurrent switches the store of current contexts on, for the rest of the process; false where the engine has no
 * AsyncLocalStorage. The module is loaded here and not by an import, so that the core runs on engines without it.
 */
export function openCurrent(): boolean {
  if (storage !== null) return true;
  const { process } = globalThis as { process?: Partial<Pick<NodeJS.Process, "getBuiltinModule">> };
  const hooks = process?.getBuiltinModule?.("node:async_hooks");
  if (hooks !== undefined) storage = new hooks.AsyncLocalStorage({ name: "millrace" });
  return storage !== null;
}

/** currentStore is the context of the edge that the running code was called by. */
export function currentStore(): object | undefined {
  return storage?.getStore();
}

/** runAs calls a function as the work of a context. The arguments are passed on so that nobody needs a closure for it. */
export function runAs<A, B, R>(ctx: object, fn: (a: A, b: B) => R, a: A, b: B): R {
  return storage === null ? fn(a, b) : storage.run(ctx, fn, a, b);
}
