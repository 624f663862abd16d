import { H3, serve } from "h3";

const app = new H3();
app.get("/users/:id", (event) => ({ id: event.context.params?.["id"], name: "John" }));
const server = serve(app, { hostname: "127.0.0.1", port: Number(process.env["PORT"] ?? 0), silent: true });
await server.ready();
console.log(JSON.stringify({ port: Number(new URL(server.url ?? "").port) }));
