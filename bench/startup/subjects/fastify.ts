import { fastify } from "fastify";

const app = fastify();
app.get("/users/:id", async (req: { params: unknown }) => ({ id: (req.params as { id: string }).id, name: "John" }));
await app.listen({ port: Number(process.env["PORT"]), host: "127.0.0.1" });
console.log(JSON.stringify(app.server.address()));
