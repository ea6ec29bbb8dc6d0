// The first minute and the tour, as a newcomer meets them.

import { equal, match, ok } from "node:assert/strict";
import { scenario } from "./page.mjs";

const CHARGED = /charged, and nobody knows/;
const CAPTIONS = [/forgotten/, /cannot know/, /Replay: the code runs again/];
const STATIONS = 10;
/** For somebody who reads nothing and presses at once. */
const SECONDS_TO_THE_CRASH = 10;

/** What the card says. */
const said = (lab) => lab.page.locator(".lesson-words").innerText();
const card = (lab) => lab.page.getByRole("region", { name: /^(The first minute|Tour)$/ });
const button = (lab) => lab.page.locator("#lesson-next");

async function says(lab, what) {
  await lab.until(async () => what.test(await said(lab)), `the card never says ${what}`);
}

/** The address and the kept timelines follow a little late. */
async function isGone(lab) {
  await card(lab).waitFor({ state: "hidden" });
  await lab.until(() => !/scene=|tour=/.test(lab.address()), "the address still has the lesson");
}

scenario("first visit: the crash is a click away, and three captions tell what it means", { newcomer: true }, async (lab) => {
  const began = Date.now();
  await lab.open();
  await says(lab, CHARGED);
  match(await said(lab), /Worker dies after the charge[^]*idempotency key makes/, "title and sentence of the story are in view");
  match(await lab.fact("customer charged"), /^€89\.00/);
  ok((await lab.page.locator(".marks-ahead rect").count()) > 10, "what is to come is there, as a ghost");
  await lab.click("Kill worker A now");
  await says(lab, CAPTIONS[0]);
  ok(Date.now() - began < SECONDS_TO_THE_CRASH * 1000 * Number(process.env.SLOWED ?? 1), "too slow for a first minute");
  await lab.shows(/^kill A at 15$/);
  match(await lab.happened(), /worker A dies/);
  equal(await lab.page.locator(".marks-ahead rect").count(), 0);
  await lab.click(/^Next$/);
  await says(lab, CAPTIONS[1]);
  match(await said(lab), /60 s/);
  await lab.click(/^Next$/);
  await says(lab, CAPTIONS[2]);
  match(await lab.happened(), /replays the code/);
  await lab.click("See how it ends");
  await says(lab, /One crash, one charge/);
  const { step, last } = await lab.place();
  equal(step, last);
  equal(await lab.page.getByRole("list", { name: "Promises" }).getByText("kept:").count(), 4);
  await lab.click("Now try it without keys");
  await lab.standsAt("Worker dies after the charge, no keys", 16);
  await says(lab, /The double charge/);
});

scenario("first visit: by keyboard alone, without motion, at the narrowest", { newcomer: true, calm: true, width: 360, height: 640 }, async (lab) => {
  await lab.open();
  await says(lab, CHARGED);
  await lab.until(async () => (await lab.focused()) === "Kill worker A now", "the button has not the keyboard");
  for (const caption of CAPTIONS) {
    await lab.press("Enter");
    await says(lab, caption);
    await lab.assertNoSidewaysScroll();
  }
  await lab.press("Enter");
  await says(lab, /One crash, one charge/);
  await lab.press("Escape");
  await isGone(lab);
  await lab.press("Home");
  equal((await lab.place()).step, 0, "the keys are the page's again");
});

scenario("whoever goes on by other keys is told the same, and going back is no riddle", { newcomer: true }, async (lab) => {
  await lab.open();
  await says(lab, CHARGED);
  await lab.press("a");
  await says(lab, CAPTIONS[0]);
  await lab.press("n");
  await says(lab, CAPTIONS[1]);
  for (let { step } = await lab.place(); step > 15; step--) await lab.press("ArrowLeft");
  await says(lab, CHARGED);
});

scenario("nothing is in the way on a second visit, and the first minute returns on request", { newcomer: true }, async (lab) => {
  await lab.open();
  await says(lab, CHARGED);
  await lab.click(/^Leave: The first minute/);
  await isGone(lab);
  await lab.page.goto("about:blank");
  await lab.open();
  ok(await card(lab).isHidden());
  await lab.standsAt("Worker dies after the charge", 0);
  await lab.press("?");
  await lab.click(/^The first minute once more/);
  await says(lab, CHARGED);
  await lab.addressed("&scene=first");
  await lab.reload();
  await says(lab, CHARGED);
});

scenario("an address that names a story shows that story, on a first visit too", { newcomer: true }, async (lab) => {
  await lab.open("#/card-declined");
  await lab.standsAt("Card declined", 0);
  ok(await card(lab).isHidden());
});

scenario("the tour is walked to its end, by keyboard", async (lab) => {
  await lab.open("#/?tour=crash");
  for (let place = 1; place <= STATIONS; place++) {
    await says(lab, new RegExp(`${place} of ${STATIONS}`));
    await lab.until(async () => (await lab.focused()) === (await button(lab).innerText()), "the button has not the keyboard");
    for (let done = /^(Next: |End of)/, presses = 0; !done.test(await button(lab).innerText()); presses++) {
      ok(presses < 3, `station ${place} comes to no end: ${await said(lab)}`);
      const before = await button(lab).innerText();
      await lab.press("Enter");
      if (before === "To the squares") {
        // The sweep is at work meanwhile.
        const bad = lab.page.getByRole("group", { name: "Crash points" }).getByRole("button", { name: /^Step 10, worker A/ });
        await bad.click();
      }
      await lab.until(async () => (await button(lab).innerText()) !== before, `${before}: nothing came of it`);
      await lab.ready();
    }
    await button(lab).focus();
    await lab.press("Enter");
  }
  await isGone(lab);
});

scenario("the tour goes on where it was left, and an address names a station", async (lab) => {
  await lab.open("#/?tour=retry");
  await says(lab, /Retry and backoff/);
  await lab.standsAt("Payment gateway times out twice", 15);
  await lab.addressed("&tour=retry");
  await lab.press("Escape");
  await isGone(lab);
  await lab.reload();
  ok(await card(lab).isHidden());
  await lab.press("?");
  await lab.click(/^Go on with the tour: Retry and backoff/);
  await says(lab, /4 of 10/);
  await lab.pickStory("Card declined");
  await says(lab, /Another story is shown/);
  await lab.click("Back to the station");
  await lab.standsAt("Payment gateway times out twice", 15);
});

scenario("a term explains itself to the mouse, to the keyboard, and goes away", { newcomer: true }, async (lab) => {
  await lab.open();
  await says(lab, CHARGED);
  const term = lab.page.getByRole("button", { name: "Temporal Service" });
  const told = lab.page.getByText("It never runs your code.").first();
  await term.hover();
  await told.waitFor();
  await lab.press("Escape");
  await told.waitFor({ state: "hidden" });
  await says(lab, CHARGED);
  await lab.page.mouse.move(0, 0);
  await term.focus();
  await told.waitFor();
  await lab.press("Tab");
  match(await lab.focused(), /Temporal's documentation/);
  const link = lab.page.locator(".term-card:popover-open a");
  equal(await link.getAttribute("href"), "https://docs.temporal.io/temporal-service");
  await lab.press("Tab");
  await told.waitFor({ state: "hidden" });
});

for (const theme of ["dark", "light"]) {
  scenario(`the lessons are accessible, ${theme}`, { newcomer: true, theme }, async (lab) => {
    await lab.open();
    await says(lab, CHARGED);
    await lab.assertAccessible();
    await lab.page.getByRole("button", { name: "Temporal Service" }).hover();
    await lab.assertAccessible();
    await lab.page.mouse.move(0, 0);
    await lab.click("Kill worker A now");
    await says(lab, CAPTIONS[0]);
    await lab.press("End");
    await says(lab, /One crash/);
    await lab.assertAccessible();
    await lab.click("Take the tour");
    await says(lab, /1 of 10/);
    await lab.assertAccessible();
    await lab.press("?");
    await lab.see("Temporal's terms");
    await lab.assertAccessible();
  });
}

for (const [width, height] of [[360, 640], [1024, 768], [1366, 768], [3840, 2160]]) {
  scenario(`the first minute is whole at ${width}×${height}`, { newcomer: true, width, height }, async (lab) => {
    await lab.open();
    await says(lab, CHARGED);
    await lab.assertNoSidewaysScroll();
    const inside = await button(lab).evaluate((it) => {
      const { left, right, top, bottom } = it.getBoundingClientRect();
      return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    });
    ok(inside, "the button is out of sight");
  });
}
