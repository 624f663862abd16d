import { bubble } from "millrace/test";
import { printAwait } from "../awaits.ts";

// The bubble waits for what is outside of it.
const { promise, resolve } = Promise.withResolvers<void>();
const open = bubble(() => promise, { leaks: false });
open.catch(() => {});
await printAwait();
resolve();
