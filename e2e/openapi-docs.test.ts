import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Browser, type Page, chromium } from "playwright-core";
import { type Ctx, afterDone, background, withCancel } from "millrace/context";
import { Reply, type Req, Router, endpoint, form, json, multipart, sse } from "millrace/http";
import { listen } from "millrace/http/node";
import { requireBearer, securityHeaders } from "millrace/middleware";
import { serveOpenapi } from "millrace/openapi";
import { z } from "zod";
import { Storefront, tempDir } from "./storefront.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const skip = CHROMIUM === undefined ? "needs chromium: apt-get install chromium" : false;

describe("the storefront's /docs in a browser", { timeout: 120_000, skip }, () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let shop: Storefront;
  let browser: Browser;
  let page: Page;
  // What the browser has complained of: broken scripts, and what the Content-Security-Policy has kept it from.
  const complaints: string[] = [];
  const asked = new Set<string>();
  before(async () => {
    dir = await tempDir();
    shop = await Storefront.start({ DATA_DIR: join(dir.path, "data"), NODE_ENV: "test" });
    // The sandbox of Chromium does not work for root, in a container least of all; it sees our own page alone.
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox", "--disable-gpu"] });
    page = await browser.newPage({ colorScheme: "dark", viewport: { width: 1200, height: 900 } });
    page.on("console", (message) => {
      // A problem that we ask for on purpose is an error of the console too.
      if (message.type() === "error" && !message.text().includes("404")) complaints.push(message.text());
    });
    page.on("pageerror", (err) => complaints.push(String(err)));
    page.on("request", (request) => asked.add(new URL(request.url()).origin));
    await page.goto(`${shop.url}/docs`);
    await page.getByRole("heading", { name: "The storefront" }).waitFor();
  });
  after(async () => {
    await browser?.close();
    await shop?.[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });

  const open = async (id: string): Promise<ReturnType<Page["locator"]>> => {
    await page.goto(`${shop.url}/docs#${id}`);
    const card = page.locator(`#${id}`);
    await card.getByRole("button", { name: "Send" }).waitFor();
    return card;
  };
  const send = async (card: ReturnType<Page["locator"]>): Promise<{ status: string | null; answer: string }> => {
    await card.getByRole("button", { name: "Send" }).click();
    const status = card.locator("[data-status]");
    await status.waitFor();
    return { status: await status.getAttribute("data-status"), answer: await card.locator(".answer").innerText() };
  };

  it("lists the operations by tag, and the schemas", async () => {
    const headings = await page.locator("main h2").allInnerTexts();
    assert.deepEqual(headings, ["users", "accounts", "transfers", "posts", "orders", "service", "Schemas"]);
    assert.equal(await page.locator("main section details[data-find]").count(), 24);
    const card = await open("createUser");
    assert.match(await card.innerText(), /The e-mail address is taken\./);
    await page.goto(`${shop.url}/docs#schema-UserPage`);
    assert.match(
      await page.locator("#schema-UserPage pre").innerText(),
      /items: User\[\]\n {2}next_cursor: string \| null/,
    );
  });

  it("calls an operation with its example, and one with a parameter and a problem", async () => {
    const created = await send(await open("createUser"));
    assert.equal(created.status, "201", created.answer);
    const id = (JSON.parse(created.answer) as { id: string }).id;
    const card = await open("changeUser");
    await card.locator('input[name="path.id"]').fill(id);
    await card.locator("textarea").fill('{"name":"By hand"}');
    const changed = await send(card);
    assert.equal(changed.status, "200", changed.answer);
    assert.match(changed.answer, /"name": "By hand"/);
    const get = await open("getUser");
    await get.locator('input[name="path.id"]').fill(crypto.randomUUID());
    const missing = await send(get);
    assert.equal(missing.status, "404");
    assert.match(missing.answer, /"reason": "user\/not_found"/);
  });

  it("can be used by keyboard", async () => {
    await page.goto(`${shop.url}/docs`);
    await page.locator("nav a").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("transfer");
    assert.deepEqual(await page.locator("nav li[data-find]:visible").allInnerTexts(), [
      "POST/api/v1/transfers",
      "GET/api/v1/transfers/{id}",
    ]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("#createTransfer[open]").waitFor();
  });

  it("sends the token that was put in, to what needs one and to nothing else", async () => {
    const requireUser = requireBearer("user", (_ctx, token) => (token === "good" ? { name: "Ada" } : undefined));
    const router = new Router().use(securityHeaders());
    serveOpenapi(router, { info: { title: "Secured", version: "1" }, path: "/spec/openapi.json", docs: "/a/docs" });
    const said = (req: Req): string => req.header("authorization") ?? "nothing";
    router.get(
      "/me",
      endpoint({ use: [requireUser], operationId: "me" }, (_ctx, { user, req }) => json([user.name, said(req)])),
    );
    router.get(
      "/open",
      endpoint({ operationId: "open" }, (_ctx, { req }) => json(said(req))),
    );
    const ctx = withCancel(background);
    await using server = await listen(ctx, { addr: "127.0.0.1:0", handler: router });
    const second = await browser.newPage();
    const send2 = async (id: string): Promise<string> => {
      await second.locator(`summary:has-text("/${id}")`).click();
      await second.locator(`#${id}`).getByRole("button", { name: "Send" }).click();
      await second.locator(`#${id} [data-status]`).waitFor();
      return (await second.locator(`#${id} .answer`).innerText()).replaceAll(/\s/g, "");
    };
    await second.goto(`${server.url}/a/docs`);
    await second.locator("input[data-scheme=bearer]").fill("good");
    assert.equal(await send2("me"), '["Ada","Bearergood"]');
    assert.equal(await send2("open"), '"nothing"');
    await second.close();
  });

  it("sends forms and files, and shows events while they come and what is no text", async () => {
    const router = new Router().use(securityHeaders());
    serveOpenapi(router, { info: { title: "Forms", version: "1" } });
    const fields = z.object({ title: z.string(), tags: z.array(z.string()) });
    const events = { 200: { description: "Events.", events: z.number() } };
    const forever = async function* (ctx: Ctx): AsyncGenerator<{ data: string }> {
      yield { data: "1" };
      await new Promise<void>((resolve) => void afterDone(ctx, resolve));
    };
    router
      .post(
        "/form",
        endpoint({ operationId: "form", body: form(fields) }, (_ctx, { body }) => json(body)),
      )
      .post(
        "/files",
        endpoint(
          { operationId: "files", body: multipart({ fields, files: { one: { maxBytes: 9 } } }) },
          (_ctx, { body: { fields, files } }) => json([fields.title, files.one.filename, files.one.bytes.length]),
        ),
      )
      .get(
        "/events",
        endpoint({ operationId: "events", responses: events }, (ctx) => sse(ctx, forever(ctx))),
      )
      .get(
        "/bytes",
        endpoint({ operationId: "bytes" }, () => new Reply(200, "application/pdf", new Uint8Array(7))),
      );
    using ctx = withCancel(background);
    await using server = await listen(ctx, { addr: "127.0.0.1:0", handler: router });
    const second = await browser.newPage();
    const card = async (id: string): Promise<ReturnType<Page["locator"]>> => {
      await second.goto(`${server.url}/docs#${id}`);
      const one = second.locator(`#${id}`);
      await one.getByRole("button", { name: "Send" }).waitFor();
      return one;
    };
    const sent = await send(await card("form"));
    assert.equal(sent.answer.replaceAll(/\s/g, ""), '{"title":"text","tags":["text"]}');
    const files = await card("files");
    await files
      .locator('input[name="file.one"]')
      .setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
    assert.equal((await send(files)).answer.replaceAll(/\s/g, ""), '["text","a.txt",5]');
    const coming = await card("events");
    assert.match(await coming.innerText(), /text\/event-stream/);
    await coming.getByRole("button", { name: "Send" }).click();
    await coming.locator(".answer", { hasText: "data: 1" }).waitFor();
    assert.equal((await send(await card("bytes"))).answer, "7 bytes of application/pdf");
    await second.close();
    ctx.cancel();
  });

  it("has a dark side, asks nobody else for anything, and breaks no rule of its policy", async () => {
    const back = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    assert.equal(back, "rgb(22, 24, 28)");
    assert.deepEqual([...asked], [shop.url]);
    assert.deepEqual(complaints, []);
  });
});
