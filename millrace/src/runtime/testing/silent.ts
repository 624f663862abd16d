import type { Hook } from "../hook.ts";

/** silent is a hook that does nothing. */
export const silent: Hook = {
  park() {},
  parked() {},
  taken() {},
  released() {},
  queued() {},
  sent() {},
  received() {},
  before() {},
  after() {},
  choose: () => undefined,
};
