// The page as a web page: what it loads, what it weighs, where and for whom it works. What the lab does is in the
// other files.

import { deepEqual, equal, ok } from "node:assert/strict";
import { scenario } from "./page.mjs";

const MAX_REQUESTS = 12;
// The engine, the page, the lessons, every workflow of the catalogue with its source (about 4 KiB a workflow), and what is
// done with any history: reading its forms, the linter's hundred rules, the crash-risk report, comparing (some 300 KiB).
const MAX_BYTES = 1520 * 1024;

scenario("the first visit is light and asks nobody else", async (lab, t) => {
  await lab.open();
  const traffic = lab.traffic();
  const bytes = traffic.reduce((sum, { bytes }) => sum + bytes, 0);
  const kib = (n) => `${(n / 1024).toFixed(1)} KiB`;
  for (const answer of traffic) t.diagnostic(`${answer.status} ${answer.path} ${kib(answer.bytes)}`);
  t.diagnostic(`first load: ${traffic.length} requests, ${kib(bytes)} gzipped`);
  ok(traffic.length <= MAX_REQUESTS, `${traffic.length} requests, at most ${MAX_REQUESTS}`);
  ok(bytes <= MAX_BYTES, `${kib(bytes)}, at most ${kib(MAX_BYTES)}`);
  deepEqual(lab.strays(), []);

  await lab.kept();
  const more = lab.traffic().slice(traffic.length);
  t.diagnostic(`kept for offline: ${more.length} more, ${kib(more.reduce((sum, { bytes }) => sum + bytes, 0))}`);
  equal(more.filter(({ path, status }) => path.endsWith(".wasm") && status === 200).length, 0, "the wasm came twice");
});

scenario("says what it is before any script runs", async (lab) => {
  const context = await lab.context.browser().newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(lab.url());
  equal(await page.getByRole("heading", { level: 1 }).innerText(), "Sagascope");
  ok(await page.locator("noscript").isVisible(), "does not say what is missing");
  ok(await page.getByText("Loading the lab").isHidden(), "promises a lab that cannot come");
  await context.close();
});

scenario("says so when the lab cannot start, and offers to try again", async (lab) => {
  lab.expectProblem(/wasm|WebAssembly|fetch|Failed to load resource/i);
  await lab.page.route("**/*.wasm", (route) => route.abort());
  await lab.page.goto(lab.url());
  await lab.see("The lab could not start.");
  await lab.assertAccessible();
  await lab.page.unroute("**/*.wasm");
  await lab.click("Reload");
  await lab.ready();
});

scenario("works offline after the first visit", async (lab) => {
  await lab.open();
  await lab.kept();
  const before = lab.traffic().length;
  await lab.offline();
  await lab.reload();
  await lab.see("Sagascope");
  equal(lab.traffic().length, before, "it was not offline");
});

scenario("a new release shows at the next load, and replaces the kept one when the old tab closes", async (lab) => {
  await lab.open();
  await lab.kept();
  const kept = () => lab.page.evaluate(() => caches.keys());
  const [old] = await kept();

  lab.release("Next");
  await lab.reload();
  await lab.titled(/ · Next$/);
  await lab.until(async () => (await kept()).length === 2, "the browser never fetched the new release");
  await lab.until(() => lab.page.evaluate(async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting)));
  ok((await kept()).includes(old), "the old release is gone while a tab may need it");

  await lab.page.goto("about:blank"); // the last tab of the old release closes
  await lab.open();
  await lab.until(async () => !(await kept()).includes(old), "the old release stays for ever");
  equal((await kept()).length, 1);
});

scenario("comes with a policy that forbids what it does not use", async (lab) => {
  lab.expectProblem(/Content Security Policy/);
  await lab.open();
  const policy = await lab.page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  for (const unsafe of ["'unsafe-inline'", "'unsafe-eval'", "*"]) ok(!policy.includes(unsafe), `${unsafe} in ${policy}`);
  const ran = await lab.page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.intruder = true";
    document.body.append(script);
    return Boolean(window.intruder);
  });
  equal(ran, false, "an injected script ran");
});

scenario("a wrong address leads home", async (lab) => {
  lab.expectProblem(/404/);
  const response = await lab.goto("/sagascope/no/such/page");
  equal(response.status(), 404);
  await lab.assertAccessible();
  await lab.click("go to the lab", "link");
  await lab.ready();
  // Home is the address without a story. The page then puts the moment it shows there, sooner or later.
  const first = "#/crash-after-charge?seed=7&at=0";
  await lab.addressed(first);
  equal(lab.page.url(), lab.url() + first);
});

for (const theme of ["dark", "light"]) {
  scenario(`is accessible, ${theme}`, { theme }, async (lab) => {
    await lab.open();
    await lab.assertAccessible();
    const scheme = await lab.page.evaluate(() => {
      const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
      return r + g + b < 384 ? "dark" : "light";
    });
    equal(scheme, theme);
  });
}

for (const width of [360, 1920]) {
  scenario(`fits a window of ${width} px`, { width }, async (lab) => {
    await lab.open();
    await lab.assertNoSidewaysScroll();
  });
}
