import type { LaneConn } from "./driver.ts";
import type { LaneOwner } from "./lane.ts";

// As for a connection of its own: a request that comes before its statement is lost and sent again, first after this
// long, then after twice as long each time.
const AGAIN_MS = 50;
const GIVE_UP_MS = 6000;

/** LaneCancel sends the cancel requests of one lane, one at a time. @internal */
export class LaneCancel {
  /** busy says that a request is on its way, or is about to be sent again. */
  busy = false;
  /** sent says that since the lane was shut a request went out, which may strike any statement of that time. */
  sent = false;
  /** uncertain says that nobody knows whether a request is still on its way: the connection must not be used again. */
  uncertain = false;
  /** givenUp says that the server does not end the statement. */
  givenUp = false;
  readonly #conn: LaneConn;
  readonly #owner: Pick<LaneOwner, "cancel">;
  #target: object | undefined = undefined;
  // Ends the wait between two requests.
  #wake: (() => void) | undefined = undefined;

  constructor(conn: LaneConn, owner: Pick<LaneOwner, "cancel">) {
    this.#conn = conn;
    this.#owner = owner;
  }

  /** strike cancels a statement that runs; one that it is busy with already is not canceled twice. */
  strike(target: object, over: () => void): void {
    if (this.busy || this.givenUp) return;
    this.busy = true;
    this.#target = target;
    void this.#strike(target).then(over);
  }

  /** moved says which statement runs now. */
  moved(head: object | undefined): void {
    if (head === this.#target) return;
    this.givenUp = false;
    this.#wake?.();
  }

  /** reset forgets what was, on a lane that is empty. */
  reset(): void {
    this.sent = this.givenUp = false;
    this.#target = undefined;
  }

  async #strike(target: object): Promise<void> {
    const runs = (): boolean => this.#conn.head === target;
    for (let ms = AGAIN_MS, waited = 0; runs() && waited < GIVE_UP_MS; waited += ms, ms *= 2) {
      try {
        await this.#owner.cancel(this.#conn, () => {
          const wanted = runs();
          if (wanted) this.sent = true;
          return wanted;
        });
      } catch {
        this.uncertain = true;
      }
      if (runs()) await this.#pause(ms);
    }
    if (runs()) this.givenUp = true;
    this.busy = false;
  }

  async #pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
