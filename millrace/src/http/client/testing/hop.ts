import { background, sleep, timeLeftMs } from "../../../context/index.ts";
import { Failure } from "../../../errors/index.ts";
import { deadline } from "../../../middleware/index.ts";
import { json } from "../../index.ts";
import { listen } from "../../node/index.ts";
import { newClient } from "../index.ts";

// A process that serves: it says how much time a request has left, and calls the next hop with that, or waits for ever.
const next = process.argv[2] ?? "";
const client = next === "" ? undefined : newClient({ baseUrl: next });

const server = await listen(background, {
  addr: "127.0.0.1:0",
  log: { error: () => undefined },
  handler: deadline()(async (ctx) => {
    process.send?.({ leftMs: timeLeftMs(ctx) });
    try {
      if (client !== undefined) return json(await client.get(ctx, "/"));
      await sleep(ctx, 60_000);
      return json("late");
    } catch (err) {
      process.send?.({ canceled: ctx.cause instanceof Failure ? ctx.cause.reason : String(err) });
      throw err;
    }
  }),
});
process.send?.({ url: server.url });
