/** WHY are the reasons for which this server does otherwise than Go's. */
export const WHY = {
  codings:
    "Go takes a length with a coding, and drops the length; refused here, because a proxy in front may drop the coding: RFC 9112 section 6.1 allows both",
  fold: "Go unfolds what was folded; RFC 9112 section 5.2 lets a server refuse it, and another reader might not unfold",
  lf: "Go takes a bare LF for the end of a line, as RFC 9112 section 2.2 allows; another reader might not, so it is refused",
  status: "the same refusal, under another status",
  same: "Go takes two lengths that agree for one; RFC 9112 section 6.3 allows to refuse them",
  extension:
    "Go looks at no chunk extension but for its length, and drops a space behind the size; the grammar is kept here",
  zeros: "Go takes at most 16 digits",
  trailer: "Go drops trailers that are none; refused here",
  empty: "Go takes no empty line ahead of a request; RFC 9112 section 2.2 asks servers to",
  spaces: "the parser takes several spaces for one, as RFC 9112 section 3 allows",
  ows: "the parser takes no space behind a coding; no client sends it",
  version: "Go takes a higher minor version for its own; the parser knows 1.0 and 1.1",
  method: "Go hands every method to the handler; the parser knows those that are registered",
  connect: "Go hands CONNECT to the handler; this server is no proxy",
  rtsp: "the parser knows RTSP by its methods, and takes such a request for HTTP/1.0",
  count: "Go bounds the size of headers, not their number",
  slack: "Go's limit on headers has 4 kB of slack on a used connection",
  target: "Go escapes what a target must not hold; refused here, or handed on as it was sent",
  scheme: "Go takes every scheme and authority; refused here",
  asterisk: "Go answers it itself, or takes it for a path",
  port: "Go does not look at a Host's port",
  pri: "Go hands a preface's first line to the handler",
  timeout: "Go closes a connection on which a request stops, or says 400; here the client reads 408",
  halfclose:
    "for Go a client that has closed its half still reads; here it has left, because nothing else tells a client that has gone",
  upgrade:
    "the parser ends the connection after a request to upgrade that nobody has taken up; nothing is lost, and what is behind it is not read as a request",
  cont: "Go asks for the body before it knows its length; here it is refused first",
} as const;
