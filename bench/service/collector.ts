import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Collector takes spans in the process that runs the bench, so that they cost the server what they cost to send. */
export interface Collector {
  readonly url: string;
  /** batches is how many it has taken. */
  readonly batches: number;
}

/** startCollector starts one that does not keep the process alive. */
export async function startCollector(): Promise<Collector> {
  let batches = 0;
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      batches++;
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  // A TCP server's address is an object.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    get batches() {
      return batches;
    },
  };
}
