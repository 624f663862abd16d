import { createServer } from "node:http";

const server = createServer((_req, res) => {
  const body = JSON.stringify({ id: "42", name: "John" });
  res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  res.end(body);
});
server.listen(Number(process.env["PORT"]), "127.0.0.1", () => console.log(JSON.stringify(server.address())));
