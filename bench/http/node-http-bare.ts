import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer((request, response) => {
  const path = request.url ?? "";
  if (request.method !== "GET" || !path.startsWith("/users/")) {
    response.writeHead(404).end();
    return;
  }
  const body = JSON.stringify({ id: decodeURIComponent(path.slice("/users/".length)), name: "John" });
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  // A TCP server's address is an object.
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
