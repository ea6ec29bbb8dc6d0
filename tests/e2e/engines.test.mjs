// The same minute in three browser engines: open, see the first scene, kill a worker in it, watch the replay, follow a link,
// come back to a kept moment. Chromium has all other tests; Firefox and WebKit are here where they are installed.

import { equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { findProgram, launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const DIST = new URL("../../dist", import.meta.url).pathname;
const PATIENCE = 30_000;

/** Each engine opens a page for `drive`: what the smoke test needs of it and no more. */
const ENGINES = [
  { name: "Chromium", missing: () => false, with: chromium },
  { name: "Firefox", missing: () => !found("firefox-esr", "firefox"), with: firefox },
  { name: "WebKit", missing: () => !found("WebKitWebDriver") || !miniBrowser() || !found("Xvfb"), with: webkit },
];

let server;
before(async () => {
  server = await serve(DIST, "/sagascope/");
});
after(() => server.close());

for (const engine of ENGINES) {
  test(`the first minute in ${engine.name}`, { skip: engine.missing() && "it is not installed", timeout: 4 * PATIENCE }, async () => {
    await engine.with(async (page) => {
      // The first scene, just before the crash.
      await page.go(server.url);
      await page.until("the call to action", () => Boolean(document.querySelector(".lesson .button-main")));
      await page.until("its address", () => /scene=first/.test(location.hash));
      // The kill: another timeline, and in the end the replay.
      await page.tell(() => document.querySelector(".lesson .button-main").click());
      await page.until("the crash", () => /kill:A/.test(location.hash));
      await page.until("the sweep's first squares", () => document.querySelectorAll(".sweep-squares .square").length > 3);
      await page.go(`${server.url}#/crash-after-charge?seed=7&at=32`);
      await page.until("the replay", () => /replay/i.test(document.querySelector(".time-svg, .time")?.textContent ?? ""));
      // A key, and the address that goes with it.
      await page.tell(() => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })));
      await page.until("the next step in the address", () => /at=33/.test(location.hash));
      // A reload loses nothing.
      await page.reload();
      await page.until("the same moment again", () => /at=33/.test(location.hash) && document.querySelectorAll('main[aria-busy="false"] .code-lines li').length > 0);
      equal(await page.tell(() => document.querySelector("#broken")?.open ?? false), false);
    });
  });
}

// --------------------------------------------------------------------------------------------------- the engines

/** Asks again and again, for not every engine tells by itself. */
function asking(tell) {
  return (what, sign) => until(what, () => tell(sign));
}

async function until(what, sign) {
  const end = Date.now() + PATIENCE;
  while (!(await sign())) {
    ok(Date.now() < end, `never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function chromium(drive) {
  await tab(await launch(), drive);
}

async function firefox(drive) {
  const puppeteer = await import("puppeteer-core");
  await tab(await puppeteer.launch({ browser: "firefox", executablePath: found("firefox-esr", "firefox"), headless: true }), drive);
}

/** Playwright's browsers and Puppeteer's speak alike. */
async function tab(browser, drive) {
  try {
    const page = await browser.newPage();
    const tell = (f) => page.evaluate(f);
    await drive({ go: (url) => page.goto(url), reload: () => page.reload(), tell, until: asking(tell) });
  } finally {
    await browser.close();
  }
}

/** WebKit wants a screen: a made-up one. */
async function webkit(drive) {
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const display = await new Promise((resolve) => screen.stdio[3].once("data", (number) => resolve(`:${String(number).trim()}`)));
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    stdio: "ignore",
    env: { ...process.env, DISPLAY: display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", WEBKIT_DISABLE_COMPOSITING_MODE: "1" },
  });
  let session;
  try {
    const { Builder, Capabilities } = await import("selenium-webdriver");
    const wanted = new Capabilities({
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] },
    });
    await answers(`http://127.0.0.1:${port}/status`);
    session = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(wanted).build();
    const tell = (f) => session.executeScript(`return (${f})()`);
    await drive({ go: (url) => session.get(url), reload: () => session.navigate().refresh(), tell, until: asking(tell) });
  } finally {
    await session?.quit();
    driver.kill();
    screen.kill();
  }
}

function answers(address) {
  return until(address, () => fetch(address).then(() => true, () => false));
}

async function freePort() {
  const listener = createServer();
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

/** Where Debian puts it. */
function miniBrowser() {
  return ["4.1", "4.0", "6.0"]
    .flatMap((version) => [`webkit2gtk-${version}`, `webkitgtk-${version}`])
    .map((name) => join("/usr/lib/x86_64-linux-gnu", name, "MiniBrowser"))
    .find((path) => existsSync(path));
}

function found(...names) {
  try {
    return findProgram(names);
  } catch {
    return undefined;
  }
}
