import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { driverConformance } from "../testing/conformance.ts";
import { pglite } from "./driver.ts";

driverConformance("pglite", async (owned) => {
  const parent = await mkdtemp(join(tmpdir(), "millrace-test-"));
  owned.defer(() => rm(parent, { recursive: true }));
  return pglite({ dir: join(parent, "data") });
});
