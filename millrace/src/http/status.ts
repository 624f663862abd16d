import { Failure, httpStatus } from "../errors/index.ts";

/** STATUS_TEXT are the names of the statuses. Source: https://www.iana.org/assignments/http-status-codes */
export const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  203: "Non-Authoritative Information",
  204: "No Content",
  205: "Reset Content",
  206: "Partial Content",
  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  418: "I'm a Teapot",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  423: "Locked",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  499: "Client Closed Request",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};

// Where HTTP has a finer status than the code's own.
const BY_REASON: Readonly<Record<string, number>> = {
  "http/method_not_allowed": 405,
  "http/not_acceptable": 406,
  "http/request_timeout": 408,
  "http/precondition_failed": 412,
  "http/body_too_large": 413,
  "http/unsupported_media_type": 415,
  "http/expectation_failed": 417,
  "http/unprocessable": 422,
  "http/precondition_required": 428,
  "http/headers_too_large": 431,
  "http/bad_version": 505,
};

/** statusOf is the HTTP status of an error: by its reason where HTTP has a finer one, by its code else, 500 for others. */
export function statusOf(err: unknown): number {
  return err instanceof Failure ? (BY_REASON[err.reason] ?? httpStatus(err.code)) : 500;
}
