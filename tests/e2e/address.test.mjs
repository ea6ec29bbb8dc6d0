// Who writes the address and who reads it: links, pastes, back and forward, reloads, at any moment. Whatever a visitor does
// there must come to pass, or be answered with a word. TIMES and SLOWED (page.mjs) put the races here to the test.

import { deepEqual, equal, match } from "node:assert/strict";
import { scenario } from "./page.mjs";

// Moments of stories, as `tests/stories` tells them.
const PAYMENT_RUNS = "#/all-goes-well?seed=7&at=14"; // ProcessPayment runs on worker A

// ------------------------------------------------------------------------------------------------- back, forward, reload

scenario("address: the browser's back and forward walk through the timelines", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  const begin = lab.address();
  await lab.act("kill A");
  await lab.addressed("do=14:kill:A");
  await lab.page.goBack();
  await lab.until(async () => (await lab.place()).step === 14 && lab.address() === begin);
  match(await lab.waiting(), /runs on worker A/);
  equal((await lab.branches()).length, 2, "back forgets no timeline");
  await lab.page.goForward();
  await lab.shows(/kill A/);
  equal((await lab.place()).step, 15);
});

scenario("address: a reload keeps the moment and every future", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.act("kill A");
  await lab.press("ArrowRight");
  await lab.addressed("at=16");
  const [told, branches] = [await lab.happened(), await lab.branches()];
  await lab.reload();
  await lab.until(async () => (await lab.happened()) === told, "another moment after the reload");
  deepEqual(await lab.branches(), branches);
  await lab.click(/^original$/);
  await lab.until(async () => (await lab.place()).step === 14, "the other future has lost its cursor");
});

scenario("address: a reload in the middle of stepping keeps the step", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=0");
  await lab.addressed("at=0");
  for (let n = 0; n < 5; n++) await lab.press("ArrowRight");
  await lab.reload();
  await lab.until(async () => (await lab.place()).last > 0);
  equal((await lab.place()).step, 5);
});

// ------------------------------------------------------------------------------------------------------------ links

scenario("address: the address alone brings a stranger to the same moment", async (lab) => {
  await lab.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await lab.open("#/crash-after-charge?seed=11&at=14");
  await lab.act("kill B");
  await lab.stepTo(/has reached its start-to-close limit/);
  await lab.press("c");
  await lab.see(/copied/);
  const link = await lab.page.evaluate(() => navigator.clipboard.readText());
  match(link, /#\/crash-after-charge\?seed=11&do=14:kill:B&at=\d+$/);
  await lab.addressed(link.split("#")[1]);

  const context = await lab.context.browser().newContext({ viewport: lab.page.viewportSize() });
  const page = await context.newPage();
  await page.goto(link);
  const now = page.getByRole("region", { name: "Now", exact: true });
  await now.getByText(/^Step [1-9]\d* of/).waitFor();
  equal(await now.innerText(), await lab.part("Now").innerText());
  for (const part of ["World", "Attempts", "Events"]) {
    for (const it of [page, lab.page]) if (part !== "Events") await it.getByRole("tab", { name: part }).click();
    const theirs = await page.getByRole("region", { name: part, exact: true }).innerText();
    equal(theirs, await lab.part(part).innerText(), part);
  }
  equal(await page.getByRole("textbox", { name: "seed" }).inputValue(), "11");
  await context.close();
});

const START = /^#\/card-declined\?seed=7&at=0$/;
const BAD = [
  ["an unknown story", "#/nowhere?seed=7&at=3", /“nowhere”/, /^#\/[a-z-]+\?seed=7&at=0$/],
  ["a step after the end", "#/card-declined?seed=7&at=99999", /99999/, START],
  ["a step before the start", "#/card-declined?seed=7&at=-1", /“at=-1” is no moment/, START],
  ["a seed that is none", "#/card-declined?seed=x&at=3", /“x” is no seed/, START],
  ["a seed that is too large", "#/card-declined?seed=18446744073709551616&at=3", /is no seed/, START],
  ["a deed nobody knows", "#/card-declined?seed=7&do=3:poke:A&at=3", /“3:poke:A” is no choice/, START],
  ["a worker who is not there", "#/card-declined?seed=7&do=3:kill:Z&at=3", /“3:kill:Z” is no choice/, START],
];

for (const [what, address, told, instead] of BAD) {
  scenario(`address: one with ${what} is told, and loses nothing`, async (lab) => {
    await lab.open(PAYMENT_RUNS);
    await lab.act("kill A");
    const before = (await lab.branches()).length;
    await lab.open(address);
    await lab.until(async () => told.test(await lab.complaint()), `no word about ${address}`);
    await lab.until(() => instead.test(lab.address()), `${lab.address()} is not ${instead}`);
    equal((await lab.place()).step, 0);
    equal((await lab.branches()).length, before + 1, "other timelines are lost");
    await lab.click("Close this message");
    await lab.until(async () => (await lab.complaint()) === "");

    await lab.open(""); // and for one who comes by it
    const context = await lab.context.browser().newContext();
    const page = await context.newPage();
    await page.goto(lab.url() + address);
    await page.getByRole("alert").getByText(told).waitFor();
    await page.getByText(/^Step 0 of [1-9]/).waitFor();
    await context.close();
  });
}

scenario("address: a complaint about an address does not outlive it", async (lab) => {
  await lab.open("#/card-declined?seed=x");
  await lab.until(async () => (await lab.complaint()) !== "");
  await lab.open(PAYMENT_RUNS);
  await lab.until(async () => (await lab.place()).step === 14);
  await lab.until(async () => (await lab.complaint()) === "", "the page still complains about the address before");
});

scenario("address: what is copied does not hide what was wrong", async (lab) => {
  await lab.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await lab.open("#/card-declined?seed=x");
  await lab.until(async () => (await lab.complaint()) !== "");
  await lab.press("c");
  await lab.see(/copied/);
  match(await lab.complaint(), /“x” is no seed/);
});

// ------------------------------------------------------------------------------------------------------------- races

// The ways in which a visitor goes elsewhere: typed or pasted, and a link within the page.
const WAYS = {
  paste: (lab, address) => lab.page.goto(lab.url() + address),
  link: (lab, address) => lab.page.evaluate((address) => void (location.hash = address), address),
};
const SOON = [0, 5, 10, 20, 50]; // ms
const ELSEWHERE = "#/card-declined?seed=7&at=5";

for (const [way, go] of Object.entries(WAYS)) {
  scenario(`address: a ${way} right after another future begins leads there`, async (lab) => {
    let step = 8;
    for (const ms of SOON) {
      // Once for a future that must be worked out, and once for the same one, which is there at once.
      for (const expected of [1, 0]) {
        await lab.open(`#/all-goes-well?seed=7&at=${step}`);
        await lab.standsAt("All goes well", step);
        const before = (await lab.branches()).length;
        await lab.click(/^kill A$/);
        await lab.page.waitForTimeout(ms);
        await go(lab, ELSEWHERE);
        await lab.standsAt("Card declined", 5);
        await lab.addressed(ELSEWHERE);
        const first = step === 8 && expected === 1;
        equal((await lab.branches()).length, before + expected + (first ? 1 : 0), `${ms} ms: a timeline is lost`);
      }
      step++;
    }
  });

  scenario(`address: a ${way} right after a step leads there`, async (lab) => {
    for (const ms of SOON) {
      await lab.open(PAYMENT_RUNS);
      await lab.standsAt("All goes well", 14);
      await lab.press("ArrowRight");
      await lab.press("ArrowRight");
      await lab.page.waitForTimeout(ms);
      await go(lab, ELSEWHERE);
      await lab.standsAt("Card declined", 5);
      await lab.addressed(ELSEWHERE);
      await lab.page.goBack();
      await lab.agrees();
      equal(await lab.story(), "All goes well");
    }
  });

  scenario(`address: a ${way} and a reload at once lead there, and lose no future`, async (lab) => {
    await lab.open(PAYMENT_RUNS);
    await lab.act("kill A");
    const names = (await lab.branches()).map(({ name }) => name);
    await go(lab, ELSEWHERE);
    await lab.reload();
    await lab.standsAt("Card declined", 5);
    const now = (await lab.branches()).map(({ name }) => name.replace("all-goes-well · ", ""));
    deepEqual(names.filter((name) => !now.includes(name)), [], `lost: only ${now}`);
  });
}

scenario("address: back right after another future begins leaves nothing contradictory behind", async (lab) => {
  // So that back leads to a moment of the lab, however slow the machine: not out of it, to where the visitor came from.
  await lab.open(ELSEWHERE);
  let step = 8;
  for (const ms of SOON) {
    await lab.open(`#/all-goes-well?seed=7&at=${step++}`);
    await lab.agrees();
    await lab.click(/^kill A$/);
    await lab.page.waitForTimeout(ms);
    await lab.page.goBack();
    await lab.agrees();
  }
});

scenario("address: back leads to where a run was left, however quickly", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.addressed(PAYMENT_RUNS);
  for (let n = 0; n < 3; n++) await lab.press("ArrowRight");
  await lab.act("kill A");
  await lab.page.goBack();
  await lab.standsAt("All goes well", 17);
  await lab.agrees();
});

scenario("address: a future that is closed while it is worked out is gone, and the run stays", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.page.evaluate(async () => {
    const button = (name) => [...document.querySelectorAll("button")].find((it) => name.test(it.getAttribute("aria-label") ?? it.textContent));
    button(/kill\s+A$/).click();
    await new Promise(requestAnimationFrame);
    button(/^Close timeline kill A/).click();
  });
  await lab.ready();
  await lab.until(async () => (await lab.branches()).length === 1);
  await lab.standsAt("All goes well", 14);
  await lab.agrees();
});
