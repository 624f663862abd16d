// Logs as a service does, for the tests of what a pipe, an exit and a crash do to lines: write-lines.ts <case>
import { fstatSync, writeFileSync } from "node:fs";
import { background } from "../../context/index.ts";
import { newLog } from "../index.ts";

const [mode, reportFile] = process.argv.slice(2);
const log = newLog();
const line = (n: number): void => log.info(background, "line", { n });

switch (mode) {
  case "exit":
    for (let n = 0; n < 1000; n++) line(n);
    process.exit(3);
    break;
  case "throw":
    for (let n = 0; n < 1000; n++) line(n);
    throw new Error("crash");
  case "kill":
    line(0);
    log.error(background, "last words");
    process.kill(process.pid, "SIGKILL");
    break;
  // The reader of the pipe does not read: more than it and the log can hold is written, urgent lines among it.
  case "blocked": {
    const startedAt = performance.now();
    for (let n = 0; n < 60_000; n++) {
      log.info(background, "line", { n, filler: "x".repeat(100) });
      if (n % 1000 === 0) log.error(background, "urgent", { n });
    }
    writeFileSync(reportFile!, JSON.stringify({ dropped: log.dropped, ms: performance.now() - startedAt }));
    process.send!("written");
    process.once("message", () => {
      process.disconnect!();
      for (let i = 0; i < 10; i++) log.flush();
      log.info(background, "after");
    });
    break;
  }
  // The reader of the pipe has gone.
  case "closed": {
    let turns = 0;
    const timer = setInterval(() => {
      for (let n = 0; n < 100; n++) line(n);
      log.error(background, "urgent");
      if (++turns < 10) return;
      clearInterval(timer);
      writeFileSync(reportFile!, JSON.stringify({ dropped: log.dropped, pipe: fstatSync(1).isFIFO() }));
    }, 5);
    break;
  }
  default:
    throw new Error(`no such case: ${mode}`);
}
