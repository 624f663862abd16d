import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { openAdmin } from "millrace/admin";
import { background } from "millrace/context";
import { html } from "millrace/http";
import { listen } from "millrace/http/node";
import { newLog } from "millrace/log";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const skip = CHROMIUM === undefined ? "needs chromium: apt-get install chromium" : false;

// The sandbox of Chromium does not work for root, in a container least of all; it sees our own pages alone.
const launch = () => chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox", "--disable-gpu"] });

function burnForTheChart(): number {
  let x = 0;
  for (const until = performance.now() + 8; performance.now() < until;) x += Math.sqrt(x + 1);
  return x;
}

test(
  "the flame graph looks closer and finds, in a browser that lets nothing else run",
  { skip, timeout: 120_000 },
  async () => {
    await using admin = await openAdmin(background, { addr: "127.0.0.1:0" });
    const timer = setInterval(burnForTheChart, 10);
    const browser = await launch();
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (err) => complaints.push(String(err)));
      await page.goto(`${admin.url}/debug/pprof/profile?seconds=1&format=html`);
      const frame = page
        .locator("#chart > svg", { has: page.locator("text", { hasText: /^burnForTheChart$/ }) })
        .first();
      // The style has come through the policy: own code has a colour.
      assert.equal(
        await page.evaluate('getComputedStyle(document.querySelector("#chart > .own rect")).fill'),
        "rgb(244, 162, 89)",
      );
      const width = (): Promise<number> => frame.evaluate((el) => el.getBoundingClientRect().width);
      await frame.hover();
      assert.match(await page.locator("#said").innerText(), /^burnForTheChart \S+debug-server\.test\.ts:\d+: /);
      const before = await width();
      await frame.click();
      const closer = await width();
      assert.ok(closer > before && closer > 0.99 * Number(await page.evaluate("document.documentElement.clientWidth")));
      await page.locator("#chart > svg").first().click();
      assert.equal(await width(), before);
      await page.locator("input").fill("BURNFOR");
      assert.notEqual(await page.locator("#chart.found > svg.hit text", { hasText: "burnForTheChart" }).count(), 0);
      assert.equal(await page.locator("#chart > svg.hit text", { hasText: /^all$/ }).count(), 0);
      assert.deepEqual(complaints, []);
    } finally {
      clearInterval(timer);
      await browser.close();
    }
  },
);

test(
  "a page of another site changes nothing, starts no profile and reads nothing",
  { skip, timeout: 120_000 },
  async () => {
    const log = newLog({ out: { write() {} } });
    await using admin = await openAdmin(background, { addr: "127.0.0.1:0", log });
    await using evil = await listen(background, {
      addr: "127.0.0.1:0",
      handler: () => html`<p>innocent</p>`,
      idleGraceMs: 0,
    });
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(evil.url);
      const tried = await page.evaluate(async (url) => {
        const attempt = async (path: string, init: RequestInit): Promise<string> => {
          try {
            const res = await fetch(url + path, init);
            return res.type === "opaque" ? "opaque" : await res.text();
          } catch {
            return "refused";
          }
        };
        const body = '{"level":"debug"}';
        return [
          await attempt("/debug/log", { method: "PUT", body, headers: { "content-type": "application/json" } }),
          await attempt("/debug/log", { method: "POST", mode: "no-cors", body }),
          await attempt("/debug/vars", {}),
        ];
      }, admin.url);
      assert.deepEqual([tried[0], tried[2], log.level], ["refused", "refused", "info"]);
      // A link is followed, but not to what costs.
      await page.setContent(`<a href="${admin.url}/debug/pprof/profile?seconds=120">look</a>`);
      const [answer] = await Promise.all([page.waitForResponse(/profile/), page.locator("a").click()]);
      assert.equal(answer.status(), 403);
      // A name that leads here, as DNS rebinding makes one.
      const rebound = await chromium.launch({
        executablePath: CHROMIUM!,
        args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
      });
      try {
        const there = await rebound.newPage();
        const res = await there.goto(`http://evil.example:${new URL(admin.url).port}/debug/tasks`);
        assert.equal(res?.status(), 403);
      } finally {
        await rebound.close();
      }
    } finally {
      await browser.close();
    }
  },
);
