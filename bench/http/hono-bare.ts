import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.get("/users/:id", (c) => c.json({ id: c.req.param("id"), name: "John" }));
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env["PORT"] ?? 0) }, ({ port }) => {
  console.log(JSON.stringify({ port }));
});
