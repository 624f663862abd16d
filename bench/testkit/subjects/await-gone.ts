import { bubble } from "millrace/test";
import { printAwait } from "../awaits.ts";

await bubble((t) => t.sleep(1));
await printAwait();
