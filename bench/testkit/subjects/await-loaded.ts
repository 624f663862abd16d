import "millrace/test";
import { printAwait } from "../awaits.ts";

await printAwait();
