import { natively, thenNatively } from "../intercept.ts";
import { VirtualClock } from "../clock.ts";
import { Requests } from "../requests.ts";
import { type Callback, type World, worlds } from "../world.ts";

const turn = setImmediate;
const microtask = queueMicrotask;

/** SmallWorld is a world that changes no order: the engine's own, under virtual time. */
export class SmallWorld implements World {
  readonly clock: VirtualClock = new VirtualClock();
  #state = 1;

  awaiting(): void {}

  react(promise: Promise<unknown>, onResult: Callback, onError: Callback): Promise<unknown> {
    return thenNatively(promise, onResult, onError);
  }

  soon(fn: () => void): void {
    microtask(fn);
  }

  choose(): number {
    return 0;
  }

  random(): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return this.#state / 2_147_483_647;
  }
}

/** inWorld runs a program in a world until it is done, moving the time when nothing else is left. */
export async function inWorld<R>(fn: (world: SmallWorld) => R | Promise<R>): Promise<R> {
  const world = new SmallWorld();
  using requests = new Requests();
  let done = false;
  const result = natively(() => worlds.run(world, async () => fn(world)));
  const end = (): void => void (done = true);
  void thenNatively(result, end, end);
  for (;;) {
    await new Promise((resolve) => void turn(resolve));
    if (done) return await result;
    if (requests.of(world) > 0) continue;
    if (world.clock.due().length === 0 && !world.clock.advance()) throw new Error("all tasks are asleep");
    const [timer] = world.clock.due();
    world.clock.fire(timer!);
  }
}
