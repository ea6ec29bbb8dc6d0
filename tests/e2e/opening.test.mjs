// Histories from files: dropped, chosen, pasted, from the shelf; broken ones; by mouse and by keyboard.

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { largeFile } from "./large.mjs";
import { scenario } from "./page.mjs";

const file = (path) => new URL(`../${path}`, import.meta.url).pathname;
const CASES = (name) => file(`cases/${name}.json`);
const RECORDED = file("histories/sem-act-retry.json");

/** Drops files anywhere on the page, as a visitor's file manager does. */
async function drop(lab, ...files) {
  const held = await lab.page.evaluateHandle((all) => {
    const data = new DataTransfer();
    for (const { name, bytes } of all) data.items.add(new File([new Uint8Array(bytes)], name));
    return data;
  }, files.map(({ name, bytes }) => ({ name, bytes: [...bytes] })));
  await lab.page.dispatchEvent("body", "dragover", { dataTransfer: held });
  await lab.see("Drop histories to open them");
  await lab.page.dispatchEvent("body", "drop", { dataTransfer: held });
}

const named = (name, path, change = (bytes) => bytes) => ({ name, bytes: change(readFileSync(path)) });

scenario("a file that is dropped is shown in full, and stays in the browser", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=0");
  await drop(lab, named("retries.json", RECORDED));
  await lab.shows(/^retries\.json$/);
  await lab.addressed("#/file/");
  equal((await lab.place()).last, 11);
  equal(await lab.events(), 11);
  match(await lab.waiting(), /the run is closed, Completed/);
  match(await lab.part("Time picture").innerText(), /Worker A sem-/);
  match(await lab.part("Workflow code").innerText(), /11 of 51,200/);
  await lab.tab("Attempts");
  match(await lab.part("Attempts").innerText(), /Flaky: boom 2/);
  await lab.assertAccessible();
  const before = lab.requested.length;
  await lab.press("Home");
  await lab.press("ArrowRight");
  match(await lab.happened(), /event 1: WorkflowExecutionStarted/);
  await lab.press("a");
  await lab.see("This history was lived elsewhere");
  deepEqual(lab.requested.slice(before).filter((url) => !/^blob:|favicon/.test(url)), []);
});

scenario("several files at once, packed too, are a tab each", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=0");
  await drop(lab, named("one.json", RECORDED), named("two.json.gz", CASES("06-activity-scheduled-last"), gzipSync));
  await lab.shows(/^one\.json$/);
  await lab.page.getByRole("button", { name: "two.json.gz", exact: true }).click();
  await lab.shows(/^two\.json\.gz$/);
  match(await lab.waiting(), /queued, running or between attempts/);
});

scenario("a reload loses nothing, and the shelf can be cleared", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=0");
  await drop(lab, named("retries.json", RECORDED));
  await lab.shows(/^retries\.json$/);
  await lab.addressed("at=11");
  await lab.reload();
  await lab.shows(/^retries\.json$/);
  equal((await lab.place()).last, 11);
  await lab.press("e");
  await lab.page.getByRole("dialog").getByRole("button", { name: "retries.json" }).waitFor();
  await lab.click("Clear the shelf");
  await lab.see("this browser keeps no file of yours");
  await lab.press("Escape");
  await lab.reload();
  await lab.until(async () => /not on this browser's shelf/.test(await lab.complaint()), "nobody says that the file is gone");
  match(await lab.complaint(), /retries\.json is not on this browser's shelf.*Drop it on this page again/);
});

scenario("by keyboard alone a history is pasted and opened", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=0");
  await lab.press("e");
  await lab.page.getByLabel("Or paste one").fill(readFileSync(CASES("04-unknown-event-ignorable"), "utf8"));
  await lab.press("Tab");
  await lab.press("Enter");
  await lab.shows(/^pasted\.json$/);
  ok((await lab.part("Events").innerText()).includes("WorkflowExecutionRelocated"));
});

scenario("what is no history is told, and what was shown stays", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=3");
  const broken = async (name, bytes, why) => {
    await drop(lab, { name, bytes: Buffer.from(bytes) });
    await lab.until(async () => why.test(await lab.complaint()), `${name}: ${why} is not said`);
    equal((await lab.place()).step, 3);
    await lab.press("Escape");
  };
  await broken("photo.png", [0x89, 0x50, 0x4e, 0x47], /photo\.png: This is neither text nor a history/);
  await broken("table.txt", "Progress:\n ID", /line 1, column 1/);
  await broken("deep.json", "[".repeat(1_000_000), /nested deeper than 64 levels/);
  await broken("empty.json", "", /There is nothing to read/);
  const markup = JSON.stringify([{ eventId: 1, eventTime: "2026-01-01T00:00:00Z", eventType: "WorkflowExecutionStarted",
    workflowExecutionStartedEventAttributes: { workflowId: "<img src=x onerror=alert(1)>", workflowType: { name: "<b>bold</b>" } } }]);
  await drop(lab, { name: "<i>.json", bytes: Buffer.from(markup) });
  await lab.shows(/^<i>\.json$/);
  equal(await lab.page.locator("main b:text('bold'), main img").count(), 0);
});

scenario("what the linter and the crash-risk report find is a tab", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=0");
  await drop(lab, named("types.json", CASES("08-nonretryable-type-mismatch")));
  await lab.shows(/^types\.json$/);
  await lab.tab("Findings");
  await lab.see("TypeError", undefined);
  await lab.see(/most dangerous first/);
  await lab.assertAccessible();
});

scenario("two timelines are compared by what the code asked for", async (lab) => {
  await lab.open("#/crash-after-charge?seed=7&at=0");
  const compare = await lab.tab("Compare");
  match(await compare.innerText(), /nothing to compare with yet/);
  await drop(lab, named("healthy.json", file("stories/all-goes-well.json")));
  await lab.shows(/^healthy\.json$/);
  await lab.until(async () => /attempt/.test(await compare.innerText()), "no difference is told");
  await lab.assertAccessible();
});

// ------------------------------------------------------------------------------------------------------- full size

scenario("a history of 51,200 events opens, scrolls and is searched", { patience: 60_000 }, async (lab, t) => {
  await lab.open("#/all-goes-well?seed=7&at=0");
  const { path, megabytes } = largeFile(51_200);
  await lab.press("e");
  const chosen = lab.page.locator('input[type="file"]');
  await lab.page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
    window.begun = performance.now();
  });
  await chosen.setInputFiles(path);
  await lab.shows(/^large\.json$/);
  const { took, longest } = await lab.page.evaluate(() => ({ took: performance.now() - window.begun, longest: Math.max(0, ...window.longTasks) }));
  const { last } = await lab.place();
  ok(last > 51_190);
  t.diagnostic(`${megabytes.toFixed(1)} MB, ${last} events: shown after ${took.toFixed(0)} ms, longest task ${longest.toFixed(0)} ms`);
  await lab.press("/");
  await lab.type("order-8000");
  await lab.page.getByRole("option", { name: /^Event 47999,/ }).waitFor();
});
