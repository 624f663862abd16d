import type { Guard } from "./guard.ts";

/**
 * Claims counts what of a thing that several hold at once will come back by guards, so that a release without a guard is
 * not taken for theirs. `using` reads how a guard is disposed of where it is declared, and from then on its share is
 * claimed. Only where a test watches: such a guard makes an uncontended acquire a third slower.
 */
export class Claims {
  count = 0;

  /** watch claims the share of a guard when it is known that it will be disposed of; `share` says how much is left of it. */
  watch(guard: Guard, share: () => number): void {
    const dispose = guard[Symbol.dispose].bind(guard);
    let claimed: number | undefined;
    const giveUp = (): void => {
      this.count -= claimed ?? 0;
      claimed = 0;
      dispose();
    };
    Object.defineProperty(guard, Symbol.dispose, {
      get: () => {
        if (claimed === undefined) this.count += claimed = share();
        return giveUp;
      },
    });
  }
}
