import { type Hook, install } from "../../runtime/hook.ts";
import { intercept } from "../world/intercept.ts";
import { worlds } from "../world/world.ts";

let users = 0;

/** kit puts everything in place that a world needs, until it is disposed; it counts. */
export function kit(): Disposable {
  const interception = intercept();
  if (users++ === 0) install(hook);
  let open = true;
  return {
    [Symbol.dispose]() {
      if (!open) return;
      open = false;
      if (--users === 0) install(null);
      interception[Symbol.dispose]();
    },
  };
}

const hook: Hook = {
  park() {},
  parked() {},
  taken() {},
  released() {},
  choose: (n) => worlds.getStore()?.choose(n),
};
