import type { TimeInput } from "@opentelemetry/api";

/** unixMs is a time of the API's in Unix milliseconds: seconds and nanoseconds, a Date, Unix or performance milliseconds. */
export function unixMs(time: TimeInput): number {
  if (Array.isArray(time)) return time[0] * 1000 + time[1] / 1e6;
  if (time instanceof Date) return time.getTime();
  // As OpenTelemetry's SDK has it: what is before the start of the process is on its own clock.
  return time < performance.timeOrigin ? time + performance.timeOrigin : time;
}
