import { join } from "node:path";
import type { Bench, Subject } from "../lib/bench.ts";
import { type KernelOptions, kernelCase } from "../lib/cases.ts";
import { goSubject, nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

/** subjectsOf start the same programs with the name of the kernel in BENCH_CASE. */
function subjectsOf(name: string): Subject[] {
  const env = { BENCH_CASE: name };
  return [
    nodeSubject("millrace", join(dir, "millrace.ts"), env),
    goSubject("go", join(dir, "go"), env),
    nodeSubject("effect", join(dir, "effect.ts"), env),
    nodeSubject("plain", join(dir, "plain.ts"), env),
  ];
}

function kernel(name: string, unit: KernelOptions["unit"]): ReturnType<typeof kernelCase> {
  return kernelCase({ name, unit, better: "lower", subjects: subjectsOf(name) });
}

/**
 * What a task costs. Common case: started and joined one at a time (spawn-join) or a thousand at a time
 * (spawn-join-batch), each giving a number. Worst case: a million that wait for one thing, as connections do; the
 * starter lets the tasks run after every thousand, as no server starts a million in one go. Memory is the process's
 * resident memory at its highest, for each task; time is until all of them wait. `plain` are async functions with
 * neither owner, cancellation nor name: the price of the promises alone.
 */
export const bench: Bench = {
  name: "task",
  cases: [
    kernel("spawn-join", "ns"),
    kernel("spawn-join-batch", "ns"),
    kernel("million-blocked-memory", "B"),
    kernel("million-blocked-time", "ns"),
  ],
};
