import type { HeapProfiler, Profiler, Runtime } from "node:inspector";

/** Stacks is a profile as a tree of calls: what pprof and the flame graph are written from. */
export interface Stacks {
  /** types say what the values of a frame are; the last is what is looked at. */
  readonly types: readonly ValueType[];
  /** period is how much of the last type there is, on average, for each sample. */
  readonly period: number;
  readonly root: Frame;
  readonly durationMs: number;
  readonly endedAt: Date;
}

/** ValueType is what a number is and its unit, in pprof's words. */
export interface ValueType {
  readonly type: string;
  readonly unit: "count" | "nanoseconds" | "bytes";
}

/** Frame is a function on a path of calls. */
export interface Frame {
  readonly name: string;
  readonly file: string;
  /** line is where the function begins, from 1; 0 is not known. */
  readonly line: number;
  /** self are the values of the function itself on this path, without those it calls. */
  readonly self: readonly number[];
  readonly calls: readonly Frame[];
}

/** Span is when a profile was taken. */
export type Span = Pick<Stacks, "durationMs" | "endedAt">;

/** cpuStacks reads a CPU profile. What was idle is left out: a process that waits burns nothing. */
export function cpuStacks(profile: Profiler.Profile, periodMicros: number, span: Span): Stacks {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const micros = new Map<number, number>();
  const { samples = [], timeDeltas = [] } = profile;
  for (const [i, id] of samples.entries()) {
    // A sample stands for the time until the next.
    const lasted = timeDeltas[i + 1] ?? periodMicros;
    micros.set(id, (micros.get(id) ?? 0) + Math.max(0, lasted));
  }
  const frame = (node: Profiler.ProfileNode): Frame => ({
    ...placeOf(node.callFrame),
    self: [node.hitCount ?? 0, (micros.get(node.id) ?? 0) * 1000],
    calls: (node.children ?? [])
      // A child's number is a node's.
      .map((id) => nodes.get(id)!)
      .filter((child) => child.callFrame.functionName !== "(idle)")
      .map(frame),
  });
  const types = [
    { type: "samples", unit: "count" },
    { type: "cpu", unit: "nanoseconds" },
  ] as const;
  // The first node is the root.
  return { types, period: periodMicros * 1000, root: frame(profile.nodes[0]!), ...span };
}

/** heapStacks reads a sampling heap profile; type is pprof's name for what was sampled. */
export function heapStacks(
  profile: HeapProfiler.SamplingHeapProfile,
  type: "inuse_space" | "alloc_space",
  periodBytes: number,
  span: Span,
): Stacks {
  const frame = (node: HeapProfiler.SamplingHeapProfileNode): Frame => ({
    ...placeOf(node.callFrame),
    self: [node.selfSize],
    calls: node.children.map(frame),
  });
  return { types: [{ type, unit: "bytes" }], period: periodBytes, root: frame(profile.head), ...span };
}

/** totalOf is what a frame and all that it calls have of the last type. */
export function totalOf(frame: Frame): number {
  return (frame.self.at(-1) ?? 0) + frame.calls.reduce((sum, call) => sum + totalOf(call), 0);
}

function placeOf({ functionName, url, lineNumber }: Runtime.CallFrame): Pick<Frame, "name" | "file" | "line"> {
  return { name: functionName || "(anonymous)", file: url.replace(/^file:\/\//, ""), line: lineNumber + 1 };
}
