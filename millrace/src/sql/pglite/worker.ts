import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { FromWorker, Task, ToWorker } from "./channel.ts";
import { type Client, Connection } from "./connection.ts";
import { Database } from "./database.ts";
import { Session } from "./session.ts";

// The entry of the worker thread, in which the embedded PostgreSQL lives: it blocks its thread while it works.

// Reports are gathered up to here, so that a small query costs no message of its own.
const REPORT_TAKEN_BYTES = 256 * 1024;

// The only one who starts this file is the host, as a worker and with a task.
const port = parentPort!;
const { task, dir } = workerData as Task;

const database = await Database.open(dir, (message) => {
  // The fields of an ErrorResponse, each a letter and a text.
  post(["fatal", message.toString("utf8", 5).replaceAll("\0", " ").trim()]);
  process.exit(1);
});
if (task === "make") await close(database);
else serve(port, database);

function serve(from: MessagePort, opened: Database): void {
  const session = new Session(opened);
  const connections = new Map<number, Connection>();
  from.on("message", (m: ToWorker) => {
    switch (m[0]) {
      case "data": {
        const [, id, bytes] = m;
        let connection = connections.get(id);
        if (connection === undefined) {
          connection = new Connection(id, session, client(id));
          connections.set(id, connection);
        }
        connection.receive(bytes);
        break;
      }
      case "end":
        connections.get(m[1])?.leave();
        connections.delete(m[1]);
        break;
      case "ping":
        post(["pong", m[1]]);
        break;
      case "close":
        void close(opened);
        break;
    }
  });
  post(["ready"]);
}

function client(id: number): Client {
  let taken = 0;
  return {
    send: (bytes) => post(["data", id, bytes], bytes),
    taken: (bytes) => {
      taken += bytes;
      if (taken < REPORT_TAKEN_BYTES) return;
      post(["taken", id, taken]);
      taken = 0;
    },
    end: () => post(["end", id]),
  };
}

function post(m: FromWorker, bytes?: Uint8Array<ArrayBuffer>): void {
  port.postMessage(m, bytes === undefined ? [] : [bytes.buffer]);
}

async function close(opened: Database): Promise<never> {
  await opened.close();
  process.exit(0);
}
