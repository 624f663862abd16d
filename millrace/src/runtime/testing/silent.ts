import type { Hook } from "../hook.ts";

/** silent is a hook that does nothing. */
export const silent: Hook = {
  park() {},
  spawned() {},
  began() {},
  armed() {},
  disarmed() {},
  made() {},
  parked() {},
  taken() {},
  released() {},
  within: (_guard, fn) => fn(),
  queued() {},
  sent() {},
  received() {},
  met() {},
  before() {},
  after() {},
  choose: () => undefined,
};
