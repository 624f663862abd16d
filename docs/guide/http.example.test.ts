import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, withCancel } from "millrace/context";
import { Failure } from "millrace/errors";
import { Router, created, endpoint, json, middleware, multipart, noContent, provide, sse } from "millrace/http";
import { listen } from "millrace/http/node";
import { bodyLimit, rateLimit, requireBearer, standard } from "millrace/middleware";
import { type OpenApiDocument, serveOpenapi } from "millrace/openapi";
import { z } from "zod";

// --- what the notes are kept in

interface Note {
  readonly id: string;
  readonly owner: string;
  readonly text: string;
  readonly at: string;
}
const notes = new Map<string, Note>();

// --- errors

function noteNotFound(id: string): Failure {
  return new Failure(`notes: ${id}: not found`, {
    code: "not_found", // the kind: 404 here, and what gRPC and retries go by
    reason: "note/not_found", // the finer kind, for programs
    detail: "There is no such note.", // what the client may read; the message above goes to the log
  });
}

// --- middleware that provides

const tokens = new Map([["ada-token", { name: "Ada" }]]);
const requireUser = requireBearer("user", async (_ctx, token) => tokens.get(token));

const locale = provide("locale", (_ctx, req) => req.header("accept-language")?.split(",")[0] ?? "en");

const poweredBy = middleware({ headers: { "x-powered-by": "water" } });

// --- endpoints

const note = z.object({ id: z.uuid(), owner: z.string(), text: z.string(), at: z.iso.datetime() }).meta({ id: "Note" });
const newNote = z.strictObject({ text: z.string().trim().min(1).max(10_000) }).meta({ id: "NewNote" });
const byId = z.object({ id: z.uuid() });

const createNote = endpoint(
  {
    use: [requireUser],
    body: newNote,
    responses: { 201: note },
    summary: "Write a note",
    tags: ["notes"],
  },
  async (_ctx, { user, body }) => {
    const made: Note = { id: crypto.randomUUID(), owner: user.name, text: body.text, at: new Date().toISOString() };
    notes.set(made.id, made);
    return created(`/api/v1/notes/${made.id}`, made);
  },
);

const addPicture = endpoint(
  {
    use: [requireUser, bodyLimit(6_000_000)],
    params: byId,
    body: multipart({
      fields: z.object({ caption: z.string().max(200) }),
      files: { picture: { maxBytes: 5_000_000, types: ["image/png", "image/jpeg"] } },
    }),
    responses: { 200: z.object({ caption: z.string(), bytes: z.number() }) },
  },
  (_ctx, { body: { fields, files } }) => json({ caption: fields.caption, bytes: files.picture.bytes.length }),
);

async function* newNotes(_ctx: Ctx): AsyncGenerator<{ data: string }> {
  for (const made of notes.values()) yield { data: JSON.stringify(made) };
}

const noteEvents = endpoint({ responses: { 200: { description: "Each new note.", events: note } } }, (ctx) =>
  sse(ctx, newNotes(ctx)),
);

function noteRoutes(r: Router): void {
  r.post("/notes/:id/picture", addPicture);
  r.get("/notes/events", noteEvents);
  r.post("/notes", createNote);
  r.get(
    "/notes",
    endpoint(
      {
        query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
        responses: { 200: z.array(note) },
      },
      (_ctx, { query }) => json([...notes.values()].slice(0, query.limit)),
    ),
  );
  r.get(
    "/notes/:id",
    endpoint({ params: byId, responses: { 200: note, 404: "There is no such note." } }, (_ctx, { params }) => {
      const found = notes.get(params.id);
      if (found === undefined) throw noteNotFound(params.id);
      return json(found);
    }),
  );
  r.delete(
    "/notes/:id",
    endpoint({ use: [requireUser], params: byId, responses: { 204: "It is gone." } }, (_ctx, { params }) => {
      notes.delete(params.id);
      return noContent();
    }),
  );
}

// --- the router

function newRouter(): Router {
  const router = new Router().use(...standard({ accessLog: { fd: 2 } }), poweredBy);
  router.get("/hello/:name", (_ctx, req) => json({ hello: req.params.name }));
  router.get(
    "/greeting",
    endpoint({ use: [locale] }, (_ctx, { locale }) => json({ locale })),
  );
  router.route("/api/v1", (r) => {
    r.use(rateLimit({ requests: 100 }));
    noteRoutes(r);
    r.with(bodyLimit(1024)).post("/echo", async (_ctx, req) => json(await req.json()));
  });
  serveOpenapi(router, { info: { title: "Notes", version: "1" } });
  return router;
}

test("the guide's service does what the guide says", async () => {
  const ctx = withCancel(background);
  await using server = await listen(ctx, { addr: "127.0.0.1:0", handler: newRouter() });
  const call = async (method: string, path: string, body?: string, token = "ada-token") => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const response = await fetch(server.url + path, { method, headers, body: body ?? null });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  const hello = await call("GET", "/hello/world");
  assert.deepEqual([hello.body, hello.headers.get("x-powered-by")], [{ hello: "world" }, "water"]);
  assert.deepEqual((await call("GET", "/greeting")).body, { locale: "*" });

  const made = await call("POST", "/api/v1/notes", '{"text":"remember"}');
  assert.deepEqual([made.status, made.body.owner, made.body.text], [201, "Ada", "remember"]);
  assert.deepEqual((await call("GET", `/api/v1/notes/${made.body.id}`)).body, made.body);
  assert.equal((await call("GET", "/api/v1/notes?limit=5")).body.length, 1);

  const wrong = await call("POST", "/api/v1/notes", '{"text":" ","colour":"red"}');
  assert.equal(wrong.status, 400);
  assert.deepEqual(
    wrong.body.issues.map((issue: { path: string }) => issue.path),
    ["text", ""],
  );
  const missing = await call("GET", `/api/v1/notes/${crypto.randomUUID()}`);
  const { code, reason, detail } = missing.body;
  assert.deepEqual(
    [missing.status, code, reason, detail],
    [404, "not_found", "note/not_found", "There is no such note."],
  );
  assert.equal((await call("POST", "/api/v1/notes", '{"text":"x"}', "stolen")).status, 401);
  assert.equal((await call("POST", "/api/v1/echo", JSON.stringify("x".repeat(2000)))).status, 413);
  assert.equal((await call("PATCH", "/api/v1/notes")).headers.get("allow"), "GET, HEAD, OPTIONS, POST");
  const picture = new FormData();
  picture.append("caption", "a cat");
  picture.append("picture", new Blob(["meow"], { type: "image/png" }), "cat.png");
  const sent = await fetch(`${server.url}/api/v1/notes/${made.body.id}/picture`, {
    method: "POST",
    headers: { authorization: "Bearer ada-token" },
    body: picture,
  });
  assert.deepEqual([sent.status, await sent.json()], [200, { caption: "a cat", bytes: 4 }]);
  const events = await fetch(`${server.url}/api/v1/notes/events`);
  assert.match(await events.text(), /^data: \{"id":"/m);
  assert.equal((await call("DELETE", `/api/v1/notes/${made.body.id}`)).status, 204);

  const document = (await call("GET", "/openapi.json")).body as OpenApiDocument;
  assert.deepEqual(Object.keys(document.paths), [
    "/greeting",
    "/api/v1/notes/{id}/picture",
    "/api/v1/notes/events",
    "/api/v1/notes",
    "/api/v1/notes/{id}",
  ]);
  const statuses = Object.keys(document.paths["/api/v1/notes"]!["post"]!.responses).join(" ");
  assert.equal(statuses, "201 400 401 403 413 415 429 500 503 504");
  assert.equal((await fetch(`${server.url}/docs`)).status, 200);
});
