import { type Section, get, head, post } from "./row.ts";
import { WHY } from "./why.ts";

const ZERO = "0\r\n\r\n";
const HIDDEN = get("/hidden");
const C = "transfer-encoding: chunked";

/** codings: lengths and transfer codings together. Two readers that disagree on where a body ends let one client speak in
 * another's name. */
export const codings: Section = {
  name: "transfer codings",
  rows: [
    {
      name: "CL.TE",
      clause: "9112 6.1",
      send: `${post("/", `content-length: ${ZERO.length + HIDDEN.length}`, C)}${ZERO}${HIDDEN}`,
      want: "400 | closed",
      go: ["200 POST / | 200 GET /hidden | open", WHY.codings],
    },
    {
      name: "TE.CL",
      clause: "9112 6.1",
      send: `${post("/", C, "content-length: 4")}5c\r\n${HIDDEN}${ZERO}`,
      want: "400 | closed",
    },
    {
      name: "CL.TE, a length of 0",
      clause: "9112 6.1",
      send: `${post("/", "content-length: 0", C)}${ZERO}`,
      want: "400 | closed",
      go: ["200 POST / | open", WHY.codings],
    },
    {
      name: "CL.TE, TE first",
      clause: "9112 6.1",
      send: `${post("/", C, "content-length: 5")}${ZERO}`,
      want: "400 | closed",
      go: ["200 POST / | open", WHY.codings],
    },
    {
      name: "CL.TE, obfuscated by a space",
      clause: "9112 5.1",
      send: `${post("/", "content-length: 5", "transfer-encoding : chunked")}${ZERO}`,
      want: "400 | closed",
    },
    {
      name: "CL.TE, obfuscated by a tab",
      clause: "9112 5.1",
      send: `${post("/", "content-length: 5", "transfer-encoding\t: chunked")}${ZERO}`,
      want: "400 | closed",
    },
    {
      name: "CL.TE, obfuscated by a fold",
      clause: "9112 5.2",
      send: `${post("/", "content-length: 5", "transfer-encoding:\r\n chunked")}${ZERO}`,
      want: "400 | closed",
      go: ["200 POST / | open", WHY.fold],
    },
    {
      name: "CL.TE, obfuscated by a leading space",
      clause: "9112 2.2",
      send: `${post("/", "content-length: 5", " transfer-encoding: chunked")}${ZERO}`,
      want: "400 | closed",
    },
    {
      name: "CL.TE, in a folded header",
      clause: "9112 5.2",
      send: `${post("/", "content-length: 5", "x-a: b\r\n\ttransfer-encoding: chunked")}${ZERO}`,
      want: "400 | closed",
      go: ["200 POST / 0???? | open", WHY.fold],
    },
    {
      name: "CL.TE, obfuscated by a bare CR",
      clause: "9112 2.2",
      send: `${post("/", "content-length: 5", "x-a: b\rtransfer-encoding: chunked")}${ZERO}`,
      want: "400 | closed",
    },
    {
      name: "CL.TE, behind a bare LF",
      clause: "9112 2.2",
      send: `${post("/", "content-length: 5", "x-a: b\ntransfer-encoding: chunked")}${ZERO}`,
      want: "400 | closed",
      go: ["200 POST / | open", WHY.lf],
    },
    {
      name: "TE.TE: xchunked",
      clause: "9112 6.1",
      send: `${post("/", "transfer-encoding: xchunked")}${ZERO}`,
      want: "501 | closed",
    },
    {
      name: "TE.TE: chunked and identity",
      clause: "9112 6.1",
      send: `${post("/", C, "transfer-encoding: identity")}${ZERO}`,
      want: "400 | closed",
      go: ["501 | closed", WHY.status],
    },
    {
      name: "TE.TE: identity and chunked",
      clause: "9112 6.1",
      send: `${post("/", "transfer-encoding: identity", C)}${ZERO}`,
      want: "501 | closed",
    },
    {
      name: "TE.TE: chunked twice",
      clause: "9112 6.1",
      send: `${post("/", C, C)}${ZERO}`,
      want: "400 | closed",
      go: ["501 | closed", WHY.status],
    },
    {
      name: "TE.TE: chunked, chunked",
      clause: "9112 6.1",
      send: `${post("/", "transfer-encoding: chunked, chunked")}${ZERO}`,
      want: "400 | closed",
      go: ["501 | closed", WHY.status],
    },
    {
      name: "TE.TE: chunked, identity",
      clause: "9112 6.1",
      send: `${post("/", "transfer-encoding: chunked, identity")}${ZERO}`,
      want: "400 | closed",
      go: ["501 | closed", WHY.status],
    },
    {
      name: "TE.TE: two names",
      clause: "9112 6.1",
      send: `${post("/", C, "transfer-encoding: x")}${ZERO}`,
      want: "400 | closed",
      go: ["501 | closed", WHY.status],
    },
    {
      name: "TE: gzip, chunked",
      clause: "9112 6.1",
      send: `${post("/", "transfer-encoding: gzip, chunked")}${ZERO}`,
      want: "501 | closed",
    },
    {
      name: "TE: gzip alone",
      clause: "9112 6.3",
      send: `${post("/", "transfer-encoding: gzip")}${ZERO}`,
      want: "501 | closed",
    },
    {
      name: "TE: identity",
      clause: "9112 6.1",
      send: `${post("/", "transfer-encoding: identity")}${ZERO}`,
      want: "501 | closed",
    },
    {
      name: "TE: nothing",
      clause: "9112 6.1",
      send: `${post("/", "transfer-encoding: ")}${ZERO}`,
      want: "400 | closed",
      go: ["501 | closed", WHY.status],
    },
    {
      name: "TE in quotes",
      clause: "9112 6.1",
      send: `${post("/", 'transfer-encoding: "chunked"')}${ZERO}`,
      want: "501 | closed",
    },
    {
      name: "TE with a parameter",
      clause: "9112 7",
      send: `${post("/", "transfer-encoding: chunked;q=1")}${ZERO}`,
      want: "501 | closed",
    },
    {
      name: "TE with a comma behind",
      clause: "9112 6.1",
      send: `${post("/", "transfer-encoding: chunked,")}${ZERO}`,
      want: "400 | closed",
      go: ["501 | closed", WHY.status],
    },
    {
      name: "TE with a comma ahead",
      clause: "9112 6.1",
      send: `${post("/", "transfer-encoding: ,chunked")}${ZERO}`,
      want: "501 | closed",
    },
    {
      name: "TE with a vertical tab",
      clause: "9110 5.5",
      send: `${post("/", "transfer-encoding: \x0bchunked")}${ZERO}`,
      want: "400 | closed",
    },
    {
      name: "TE with a NUL",
      clause: "9110 5.5",
      send: `${post("/", "transfer-encoding: chunked\0")}${ZERO}`,
      want: "400 | closed",
    },
    {
      name: "TE in capitals",
      clause: "9112 7",
      send: `${post("/", "Transfer-Encoding: CHUNKED")}1\r\na\r\n${ZERO}`,
      want: "200 POST / a | open",
    },
    {
      name: "TE with spaces around",
      clause: "9112 5.1",
      send: `${post("/", "transfer-encoding: \t chunked \t ")}1\r\na\r\n${ZERO}`,
      want: "400 | closed",
      go: ["200 POST / a | open", WHY.ows],
    },
    {
      name: "TE in HTTP/1.0",
      clause: "9112 6.1",
      send: `${head("POST / HTTP/1.0", C, "connection: keep-alive")}${ZERO}`,
      want: "400 | closed",
      go: ["200 POST / | 400 | closed", WHY.codings],
    },
    {
      name: "TE in HTTP/1.0 with a length",
      clause: "9112 6.1",
      send: `${head("POST / HTTP/1.0", C, "content-length: 5")}${ZERO}`,
      want: "400 | closed",
      go: ["200 POST / 0???? | closed", WHY.codings],
    },
    { name: "TE of a GET", clause: "9112 6.1", send: `${get("/", C)}1\r\na\r\n${ZERO}`, want: "200 GET / a | open" },
  ],
};
