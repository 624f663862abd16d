import type { AddressInfo } from "node:net";
import fastify from "fastify";

const app = fastify({ logger: false });
app.get<{ Params: { id: string } }>("/users/:id", (request, reply) => {
  reply.send({ id: request.params.id, name: "John" });
});
await app.listen({ host: "127.0.0.1", port: Number(process.env["PORT"] ?? 0) });
// A TCP server's address is an object.
console.log(JSON.stringify({ port: (app.server.address() as AddressInfo).port }));
