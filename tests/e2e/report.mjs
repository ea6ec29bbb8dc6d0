// What the page in dist/ weighs and how quick it is: `./dev page-report` prints it as Markdown. Two profiles: this machine
// as it is, and one like a phone on a poor line. Times are of this machine at this moment: compare them in one run only.

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { launch } from "./browser.mjs";
import { largeFile } from "./large.mjs";
import { serve } from "./server.mjs";
import { sections } from "./wasm_sections.mjs";
import { hasWebUi, serveWebUi } from "./web_ui.mjs";

const DIST = new URL("../../dist/", import.meta.url).pathname;
const BASE = "/sagascope/";
const PROFILES = [
  { name: "this machine", cpu: 1 },
  { name: "CPU 4× slower, 10 Mbit/s, 40 ms", cpu: 4, line: { latency: 40, throughput: 10e6 / 8 } },
];
const LONG_MS = 50;

/** Watches from the first moment on, in the page. */
function watch() {
  localStorage.setItem("sagascope.met", "yes");
  window.report = { long: [], keys: [] };
  new PerformanceObserver((list) => report.long.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration }))))
    .observe({ type: "longtask", buffered: true });
  // The frame after the next one has painted what the key changed.
  addEventListener("keydown", ({ timeStamp }) => {
    requestAnimationFrame(() => requestAnimationFrame((now) => report.keys.push(now - timeStamp)));
  }, { capture: true });
  const ready = new MutationObserver(() => {
    // The lines of the code come with the run.
    if (!document.querySelector('main[aria-busy="false"] .code-lines li')) return;
    ready.disconnect();
    requestAnimationFrame(() => requestAnimationFrame((now) => { report.picture = now; }));
  });
  ready.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-busy"] });
}

async function open(browser, server, { cpu, line }, route) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(watch);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: cpu });
  if (line) {
    await cdp.send("Network.enable");
    await cdp.send("Network.emulateNetworkConditions", {
      offline: false, latency: line.latency, downloadThroughput: line.throughput, uploadThroughput: line.throughput,
    });
  }
  await page.goto(server.url + route);
  await page.locator('main[aria-busy="false"]').waitFor({ timeout: 60_000 });
  await page.waitForFunction(() => window.report.picture);
  return { context, page, cdp };
}

/** The frame after the next: all that was asked for is drawn. */
const frame = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

const longTasks = async (page) => {
  await page.waitForTimeout(100); // the browser tells of a task some time after its end
  return page.evaluate(() => window.report.long.splice(0).map(({ duration }) => duration));
};

const told = (long) => {
  if (long.length === 0) return "none";
  const sum = long.reduce((a, b) => a + b, 0);
  return `${long.length}, the longest ${Math.max(...long).toFixed(0)} ms, together ${sum.toFixed(0)} ms`;
};

const share = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

async function load(browser, server, profile, rows) {
  const { context, page, cdp } = await open(browser, server, profile, "#/crash-after-charge");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => window.report.keys.length > 0);
  const seen = await page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    picture: window.report.picture,
    key: performance.now(),
  }));
  await page.waitForTimeout(Math.max(0, 14_000 - seen.key));
  const memory = await cdp.send("Runtime.getHeapUsage");
  const ms = (n) => `${n.toFixed(0)} ms`;
  const mib = (n) => `${(n / 2 ** 20).toFixed(1)} MiB`;
  rows.push(["first paint", ms(seen.paint)], ["first picture", ms(seen.picture)], ["first key answered", ms(seen.key)]);
  rows.push([`tasks over ${LONG_MS} ms in the first 14 s`, told(await longTasks(page))]);
  rows.push(["heap of scripts; memory of wasm and buffers", `${mib(memory.usedSize)}; ${mib(memory.backingStorageSize ?? 0)}`]);
  await context.close();
}

async function use(browser, server, profile, rows) {
  const { context, page } = await open(browser, server, profile, "#/crash-after-charge");
  // Its sweep comes to an end first: what follows is about keys.
  await page.waitForFunction(() => !/tried/.test(document.querySelector(".sweep .title-name")?.textContent ?? "tried"), null, { timeout: 120_000 });
  await longTasks(page);
  await page.evaluate(() => window.report.keys.splice(0));
  for (let n = 0; n < 30; n++) {
    await page.keyboard.press("ArrowRight");
    await frame(page);
  }
  const keys = (await page.evaluate(() => window.report.keys)).sort((a, b) => a - b);
  rows.push(["key to the frame that shows it: median, 95 %", `${share(keys, 0.5).toFixed(0)}, ${share(keys, 0.95).toFixed(0)} ms`]);
  rows.push(["30 steps", told(await longTasks(page))]);
  await page.keyboard.press("Home");
  await page.getByLabel("Speed of the virtual clock").selectOption({ label: "60×" });
  await longTasks(page);
  await page.keyboard.press(" ");
  await page.waitForTimeout(8000);
  await page.keyboard.press(" ");
  rows.push(["play at 60× for 8 s", told(await longTasks(page))]);
  await page.keyboard.press("Home");
  for (let n = 0; n < 6; n++) await page.keyboard.press("ArrowRight");
  await longTasks(page);
  await page.keyboard.press("a");
  await page.locator('main[aria-busy="false"]').waitFor();
  await page.waitForTimeout(1000);
  rows.push(["a kill", told(await longTasks(page))]);
  await page.evaluate(() => { location.hash = "#/large-order-approved"; });
  await page.waitForTimeout(300);
  await page.evaluate(() => { location.hash = "#/sync-continues-as-new"; });
  await page.waitForTimeout(4000);
  rows.push(["two stories opened one after the other, with their sweeps", told(await longTasks(page))]);
  await context.close();
}

/** A file of 51,200 events, opened here and in Temporal's own Web UI: the same file, in the same run. */
async function fullSize(browser, server) {
  const { path, megabytes } = largeFile(51_200);
  const rows = [["file", `${megabytes.toFixed(1)} MB`, "the same"]];
  const { context, page, cdp } = await open(browser, server, PROFILES[0], "#/all-goes-well");
  await page.keyboard.press("e");
  const input = page.locator('input[type="file"]');
  await input.waitFor({ state: "attached" });
  await longTasks(page);
  const took = await timed(page, () => input.setInputFiles(path), () => page.getByRole("option", { name: /^Event 511\d\d,/ }).first().waitFor({ timeout: 120_000 }));
  const opening = told(await longTasks(page));
  const { usedSize, backingStorageSize = 0 } = await cdp.send("Runtime.getHeapUsage");
  await page.keyboard.press("Home");
  for (let n = 0; n < 60; n++) await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("End");
  const moving = told(await longTasks(page));
  await context.close();

  let theirs = ["not there", "", "", ""];
  if (hasWebUi) {
    const webUi = await serveWebUi();
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.addInitScript(watch);
    const page = await context.newPage();
    await page.goto(webUi.url);
    await page.locator("#import-event-history-file-upload").setInputFiles(path);
    await page.waitForTimeout(1000);
    await longTasks(page);
    const took = await timed(page, () => page.getByRole("button", { name: "Import" }).click(), () => page.locator("table tbody tr td").first().waitFor({ timeout: 120_000 }));
    theirs = [took, told(await longTasks(page)), "", ""];
    await context.close();
    webUi.close();
  }
  rows.push(["first rows after the file is chosen (there: after Import)", took, theirs[0]]);
  rows.push([`tasks over ${LONG_MS} ms meanwhile`, opening, theirs[1]]);
  rows.push(["heap of scripts; memory of wasm and buffers", `${(usedSize / 2 ** 20).toFixed(0)}; ${(backingStorageSize / 2 ** 20).toFixed(0)} MiB`, theirs[2]]);
  rows.push([`tasks over ${LONG_MS} ms from the start to the end again`, moving, theirs[3]]);
  return table(["", "here", "Temporal's Web UI"], rows);
}

async function timed(page, act, seen) {
  const begun = await page.evaluate(() => performance.now());
  await act();
  await seen();
  return `${((await page.evaluate(() => performance.now())) - begun).toFixed(0)} ms`;
}

function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n") + "\n";
}

function weights() {
  const files = readdirSync(DIST).filter((name) => !["404.html", ".nojekyll", "sw.js", "favicon.svg"].includes(name));
  const kib = (n) => `${(n / 1024).toFixed(1)} KiB`;
  const rows = [];
  let [all, packed] = [0, 0];
  for (const name of files.sort()) {
    const bytes = readFileSync(DIST + name);
    const small = gzipSync(bytes).length;
    [all, packed] = [all + bytes.length, packed + small];
    rows.push([name, kib(bytes.length), kib(small)]);
    if (!name.endsWith(".wasm")) continue;
    for (const part of sections(bytes)) {
      if (part.bytes.length > 10_000) rows.push([`– ${part.name}`, kib(part.bytes.length), kib(gzipSync(part.bytes).length)]);
    }
  }
  rows.push(["**all**", kib(all), kib(packed)]);
  return table(["part", "bytes", "gzipped"], rows);
}

console.log(`## What it weighs\n\n${weights()}`);
const server = await serve(DIST, BASE);
const browser = await launch();
const columns = [];
for (const profile of PROFILES) {
  const rows = [];
  await load(browser, server, profile, rows);
  await use(browser, server, profile, rows);
  columns.push(rows);
}
const rows = columns[0].map(([what], at) => [what, ...columns.map((column) => column[at][1])]);
console.log(`## How quick it is\n\n${table(["", ...PROFILES.map(({ name }) => name)], rows)}`);
console.log(`## A history of full size\n\n${await fullSize(browser, server)}`);
await browser.close();
server.close();
