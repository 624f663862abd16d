import type { AddressInfo } from "node:net";
import express from "express";

// Without an entity tag and its own header, as the others are.
const app = express().disable("x-powered-by").disable("etag");
app.get("/users/:id", (request, response) => {
  response.json({ id: request.params.id, name: "John" });
});
const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  // A TCP server's address is an object.
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
