import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A server listens while its database is still being opened; a request that comes early finds nothing there. */
export const kernel: Kernel = {
  id: 40,
  name: "request before the database is open",
  seen: ["mongo-express/mongo-express#500", "mongo-express/mongo-express#254"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, (_opening, listen) => listen()),
  fixed: (k) =>
    scenario(k, async (opening, listen) => {
      await opening;
      await listen();
    }),
};

interface Admin {
  readonly databases: readonly string[];
}

type Boot = (opening: Promise<void>, listen: () => Promise<void>) => Promise<void>;

async function scenario(k: Environment, boot: Boot): Promise<void> {
  let admin: Admin | undefined;
  const open = async (): Promise<void> => {
    await calls(k, 2);
    admin = { databases: ["shop"] };
  };
  const listen = async (): Promise<void> => {
    await k.io("the socket");
    await calls(k, 3);
    const response = admin === undefined ? 500 : 200;
    assert.equal(response, 200, "cannot read property 'listDatabases' of undefined");
  };
  const opening = open();
  await boot(opening, listen);
  await opening;
}
