// The watching thread. While the main thread's heart stands still, it has the main thread look at what it is doing: the
// inspector interrupts running JavaScript for that, wherever it is, and the call is made on top of it.
import { Session } from "node:inspector";
import { workerData } from "node:worker_threads";
import { ASKED, HOOK, SEEN_MS, type WatchData, clockMs } from "./heartbeat.ts";

// A beat that is so late, as a part of the time between two, is missing: a timer may be late.
const LATE = 1.4;
// In a long stall samples are so much of its length apart: some 70 in half a minute.
const SPACING = 0.05;

// Whoever starts this file gives it that.
const { heart, beatMs, sampleMs } = workerData as WatchData;
let beatAt = 0;
let lookedAt = clockMs();
let nextMs = beatMs;
let askAt = 0;

function look(): void {
  const now = clockMs();
  // What this thread has not seen, because the whole process was stopped, is no stall.
  const seenMs = Math.min(now - lookedAt, 2 * nextMs);
  lookedAt = now;
  const last = beatAt;
  beatAt = heart.beatAt[0]!;
  if (beatAt === last) Atomics.add(heart.cells, SEEN_MS, Math.round(seenMs));
  const age = now - beatAt;
  nextMs = age < beatMs ? beatMs : sampleMs;
  if (beatAt !== last) Atomics.store(heart.cells, ASKED, 0);
  else if (age >= beatMs * LATE && now >= askAt) ask(now, age);
  setTimeout(look, nextMs);
}

// The session is closed at once: a process that exits would wait for it.
function ask(now: number, age: number): void {
  if (Atomics.exchange(heart.cells, ASKED, 1) === 1) return;
  askAt = now + Math.max(sampleMs / 2, age * SPACING);
  const session = new Session();
  session.connectToMainThread();
  const expression = `globalThis[Symbol.for(${JSON.stringify(HOOK)})]?.(${now})`;
  session.post("Runtime.evaluate", { expression, silent: true }, () => session.disconnect());
}

look();
