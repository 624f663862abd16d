import { intercept } from "../../../millrace/src/test/world/intercept.ts";
import { printAwait } from "../awaits.ts";

using _ = intercept();
await printAwait();
