import { Agent, get } from "node:http";

// A process of its own, which calls each URL it is sent on new connections until every caller has failed once, says when
// 200 answers have come, and at the end says how the callers failed.

/** Told is what the client tells the test. */
export type Told = { readonly begun: string } | { readonly ended: string; readonly failures: readonly string[] };

const CALLERS = 24;
const BEGUN = 200;

function ask(agent: Agent, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (res) => {
      res.on("error", reject);
      res.on("end", resolve);
      res.resume();
    }).on("error", reject);
  });
}

async function call(url: string): Promise<void> {
  const agent = new Agent({ keepAlive: false });
  let answered = 0;
  const caller = async (): Promise<string> => {
    for (;;) {
      try {
        await ask(agent, url);
      } catch (err) {
        return (err as NodeJS.ErrnoException).code ?? String(err);
      }
      if (++answered === BEGUN) tell({ begun: url });
    }
  };
  tell({ ended: url, failures: await Promise.all(Array.from({ length: CALLERS }, caller)) });
}

function tell(told: Told): void {
  process.send?.(told);
}

process.on("message", (url: string) => void call(url));
