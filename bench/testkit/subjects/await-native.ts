import { printAwait } from "../awaits.ts";

await printAwait();
