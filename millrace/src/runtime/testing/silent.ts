import type { Hook } from "../hook.ts";

/** silent is a hook that does nothing. */
export const silent: Hook = {
  park() {},
  parked() {},
  taken() {},
  released() {},
  choose: () => undefined,
};
