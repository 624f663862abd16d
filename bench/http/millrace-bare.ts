import { background } from "millrace/context";
import { Router, json } from "millrace/http";
import { listen } from "millrace/http/node";

const router = new Router().get("/users/:id", (_ctx, req) => json({ id: req.params.id, name: "John" }));
const server = await listen(background, { addr: `127.0.0.1:${process.env["PORT"] ?? "0"}`, handler: router });
console.log(JSON.stringify({ port: Number(server.addr.split(":")[1]) }));
