import { Arm } from "../runtime/arm.ts";
import type { Parked } from "../runtime/parked.ts";
import type { Channel } from "./channel.ts";

/** SendArm is the sending of one value as a case of a select. */
export class SendArm<T> extends Arm<void> {
  readonly #channel: Channel<T>;
  readonly #value: T;

  constructor(channel: Channel<T>, value: T) {
    super();
    this.#channel = channel;
    this.#value = value;
  }

  ready(): boolean {
    return this.#channel.readyToSend();
  }

  take(): void {
    this.#channel.trySend(this.#value);
  }

  join(waiter: Parked): void {
    waiter.value = this.#value;
    this.#channel.joinSend(waiter);
  }

  leave(waiter: Parked): void {
    waiter.queue?.remove(waiter);
  }
}
