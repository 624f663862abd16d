import { Failure } from "../errors/index.ts";

/** sendOnClosed is the error of a send on a closed channel; where Go panics, this is thrown. */
export function sendOnClosed(): Failure {
  return new Failure("chan: send on a closed channel", {
    code: "failed_precondition",
    reason: "chan/send_on_closed_channel",
  });
}

/** closeOfClosed is the error of a second close. */
export function closeOfClosed(): Failure {
  return new Failure("chan: close of a closed channel", {
    code: "failed_precondition",
    reason: "chan/close_of_closed_channel",
  });
}

/** refuseThenable throws if the promise of a receive would unwrap the value; only called in debug mode. */
export function refuseThenable(value: unknown): void {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
  if (!("then" in value) || typeof value.then !== "function") return;
  throw new TypeError(
    "chan: send: a promise would be unwrapped by the receive: await it first, or send an object that holds it",
  );
}
