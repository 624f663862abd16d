import type { Parked } from "./parked.ts";

declare const gives: unique symbol;

/** RecvCase is a case of a select that gives a T: a channel's receive, a timer, a promise, a context's end. */
export interface RecvCase<out T> {
  readonly [gives]: () => T;
}

/** SendCase is a case of a select that sends a value. */
export interface SendCase {
  readonly [gives]: () => void;
}

/**
 * Arm is what a case of a select does. All of it is synchronous: a select asks every arm whether it is ready, takes one
 * that is, or else joins them all and leaves the losers once one has completed its waiter.
 */
// Merged with the interface below, which only the compiler sees and which has the other use of T.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters, typescript/no-unsafe-declaration-merging
export abstract class Arm<out T> {
  /** ready says whether take would succeed now; it changes nothing. */
  abstract ready(): boolean;

  /** take does what the case stands for; only when it is ready. A send on a closed channel throws here. */
  abstract take(): T;

  /** join parks a waiter, which the arm completes once, when it is ready; only when it is not. */
  abstract join(waiter: Parked): void;

  /** leave unlinks a waiter that has joined and was not completed. */
  abstract leave(waiter: Parked): void;
}

/** Arm is the only implementation of a case; that it gives a T is for the compiler alone. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Arm<out T> extends RecvCase<T> {}
