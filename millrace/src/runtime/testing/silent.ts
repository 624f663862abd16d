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
  met() {},
  before() {},
  after() {},
  choose: () => undefined,
};
