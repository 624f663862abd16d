import { background } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import type { Log } from "../log/index.ts";
import { formatDuration } from "../time/index.ts";

/** Stuck is something that did not end within its stage's budget. */
export interface Stuck {
  readonly stage: "start" | "drain" | "cancel" | "flush" | "close";
  readonly name: string;
  readonly waited_ms: number;
  /** doing is what it was busy with when its time was over, as far as it can say. */
  readonly doing?: readonly string[];
}

/** Doing says in a few words each what something is busy with: requests in flight, statements, a task's wait. */
export type Doing = () => readonly string[];

/** Stages runs the steps of a shutdown, and keeps which of them did not end in time. */
export class Stages {
  readonly stuck: Stuck[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** step waits for some work, but not longer than the limit. It never rejects: an error is logged. */
  async step(stage: Stuck["stage"], name: string, limitMs: number, work: () => unknown, doing?: Doing): Promise<void> {
    const startedAt = performance.now();
    const done = Promise.try(work).then(
      () => "done",
      (err: unknown) => this.#log.error(background, `app: could not ${stage} ${name}`, { err }),
    );
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(resolve, Math.max(0, limitMs), "late");
    const outcome = await Promise.race([done, late]);
    clearTimeout(timer);
    if (outcome !== "late") return;
    const waited_ms = Math.round(performance.now() - startedAt);
    const busy = said(doing);
    this.stuck.push({ stage, name, waited_ms, ...(busy.length > 0 && { doing: busy }) });
  }
}

// A report names what is most, and must come even if what is asked is broken.
const NAMED = 10;

/** said asks something what it is doing. */
export function said(doing: Doing | undefined): readonly string[] {
  try {
    const all = doing?.() ?? [];
    return all.length > NAMED ? [...all.slice(0, NAMED), `${all.length - NAMED} more`] : all;
  } catch (err) {
    return [`it cannot say: ${(err as Error).message}`];
  }
}

/** stuckFailure says what was left behind. */
export function stuckFailure(stages: Stages, cause: unknown): Failure {
  return new Failure(`app: hard stop: did not end: ${stages.stuck.map(describeStuck).join(", ")}`, {
    code: "deadline_exceeded",
    reason: "app/stuck",
    cause,
  });
}

function describeStuck({ stage, name, waited_ms, doing = [] }: Stuck): string {
  const what = doing.length === 0 ? "" : `: ${doing.join("; ")}`;
  return `${name} (${stage}, ${formatDuration(waited_ms)}${what})`;
}
