// The server that the rows are sent to: it says what it understood. Prints {"port":N}.
import { background } from "millrace/context";
import { type Handler, Reply, stream, text } from "millrace/http";
import { listen } from "millrace/http/node";

const SHOWN = 60;

const echo: Handler = async (_ctx, req) => {
  const say = (reply: Reply, body = ""): Reply =>
    reply.header("x-echo", `${req.method} ${req.path}${req.search}${body === "" ? "" : ` ${body}`}`);
  if (req.path === "/unread") return say(text("unread"));
  // Whether a header with an x has come through.
  if (req.path === "/x")
    return say(new Reply(Object.keys(req.headers).some((name) => name.startsWith("x")) ? 304 : 204, "", null));
  if (req.path === "/204") return say(new Reply(204, "", null));
  if (req.path === "/304") return say(new Reply(304, "", null));
  if (req.path === "/stream") return say(stream(pieces(), { type: "text/plain" }));
  if (req.path === "/after") await later();
  if (req.path === "/host") {
    await req.bytes();
    return say(text(""), req.header("host"));
  }
  const body = Buffer.from(await req.bytes()).toString("latin1");
  return say(text(body), body.length <= SHOWN ? body.replaceAll(/[^ -~]/g, "?") : `${body.length} bytes`);
};

async function* pieces(): AsyncGenerator<string> {
  yield "a";
  yield "b";
}

function later(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 50));
}

const server = await listen(background, {
  addr: "127.0.0.1:0",
  handler: echo,
  log: { error: (_ctx, message, attrs) => console.error(message, attrs) },
  headersTimeoutMs: 1000,
  requestTimeoutMs: 1500,
  keepAliveTimeoutMs: 2000,
  stallTimeoutMs: 1000,
  checkIntervalMs: 100,
  maxHeaderBytes: 8192,
  bodyLimit: 65_536,
});
console.log(JSON.stringify({ port: Number(server.addr.split(":").at(-1)) }));
