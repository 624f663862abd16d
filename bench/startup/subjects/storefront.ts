import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";

// The storefront on its embedded database, in a folder below SCRATCH: always the same one, or with NEW=1 an empty one.
const scratch = process.env["SCRATCH"]!;
const folder = process.env["NEW"] === "1" ? await mkdtemp(join(scratch, "new-")) : join(scratch, "same");
delete process.env["DATABASE_URL"];
process.env["DATA_DIR"] = folder;
process.env["ADMIN_ADDR"] = "off";
// By its URL: the storefront is checked by its own configuration, not as a part of the benches.
await import(new URL("../../../storefront/cmd/api/main.ts", import.meta.url).href);
