import { join } from "node:path";
import type { Bench } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

/** What it costs to run a program in another order, and what everybody else pays for the test kit. */
export const bench: Bench = {
  name: "testkit",
  cases: [
    // Nine tasks of ten awaits, once: explored, on fast-check's scheduler with its calls wrapped by hand, and as it is.
    kernelCase({
      name: "schedules",
      unit: "ns",
      better: "lower",
      subjects: ["millrace", "fast-check", "native"].map((name) =>
        nodeSubject(name, join(dir, `schedules-${name}.ts`)),
      ),
    }),
    // An await outside of the kit's worlds: with the kit loaded, while it is in use elsewhere, and after that.
    kernelCase({
      name: "await",
      unit: "ns",
      better: "lower",
      subjects: ["loaded", "installed", "gone", "native"].map((name) =>
        nodeSubject(name, join(dir, `await-${name}.ts`)),
      ),
    }),
  ],
};
