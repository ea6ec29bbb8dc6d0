// The frame of the page: windows of every size, splitters, tabs, lists and pickers, by mouse and by keyboard; and what is
// left when the page breaks.

import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { scenario } from "./page.mjs";

const REPLAYING = "#/crash-after-charge?seed=7&at=24";
// A run that is stuck for good: the longest verdict, the longest advice.
const STUCK = "#/dice-wrong?seed=7&at=35";
const MANY_LANES = "#/heartbeat?seed=7&at=20";
const ENDED = "#/crash-after-charge-no-keys?seed=7&at=30";

const SIZES = [
  [360, 640], [390, 844], [412, 915], [600, 960], [768, 1024], [844, 390], [1024, 600],
  [1024, 768], [1280, 720], [1366, 768], [1440, 900], [1920, 1080], [2560, 1440], [3840, 2160],
];

// ------------------------------------------------------------------------------------------------------------- sizes

// One visitor drags the window from size to size: so it is seen too that the page follows.
for (const moment of [STUCK, MANY_LANES, ENDED]) {
  scenario(`nothing is out of reach at any of ${SIZES.length} sizes, ${moment}`, { patience: 20_000 }, async (lab) => {
    await lab.open(moment);
    for (const [width, height] of SIZES) {
      await lab.resize(width, height);
      await lab.assertNoSidewaysScroll();
      await lab.assertNothingOutOfReach();
      if (moment !== ENDED) continue;
      for (const tab of ["Attempts", "State", "World", "What changed", "Findings", "Compare", "Event"]) {
        await lab.tab(tab);
        await lab.assertNothingOutOfReach();
      }
      await lab.click("view");
      await lab.assertNothingOutOfReach();
      await lab.click("view");
    }
  });
}

for (const [width, height] of [[360, 640], [1366, 768], [1920, 1080]]) {
  scenario(`with large type nothing is out of reach either, ${width} × ${height}`, { width, height }, async (lab) => {
    await lab.open(STUCK);
    const size = () => lab.page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
    const before = await size();
    await lab.press("p");
    ok((await size()) > before * 1.3, "the type is no larger");
    await lab.assertNoSidewaysScroll();
    await lab.assertNothingOutOfReach();
    await lab.press("p");
    equal(await size(), before);
  });
}

for (const [width, height] of [[1280, 720], [1366, 768], [1440, 900], [1920, 1080], [3840, 2160]]) {
  scenario(`the picture has its share, title and sentence are whole at ${width} × ${height}`, { width, height }, async (lab) => {
    await lab.open(ENDED);
    const picture = await lab.part("Time picture").boundingBox();
    ok(picture.height >= height * 0.45, `${picture.height} of ${height} px`);
    const title = lab.page.getByRole("button", { name: /^Story:/ });
    equal((await title.innerText()).trim(), "Worker dies after the charge, no keys");
    const sentence = lab.page.getByText(/The same crash without idempotency keys/);
    for (const it of [title, sentence.first()]) {
      const whole = await it.evaluate((it) => it.scrollWidth <= it.clientWidth + 1 && it.scrollHeight <= it.clientHeight + 1);
      ok(whole && (await it.boundingBox()).width > 60, "cut off");
    }
  });
}

// --------------------------------------------------------------------------------------------------------- splitters

const SPLITTERS = [
  ["Between code and picture", "ArrowRight", 1, 0],
  ["Between code and history", "ArrowDown", 0, 1],
  ["Between picture and drawer", "ArrowUp", 0, -1],
];

for (const [name, key, x, y] of SPLITTERS) {
  scenario(`the line “${name}” moves by mouse and keyboard, and stays where it was put`, { width: 1440, height: 900 }, async (lab) => {
    await lab.open(REPLAYING);
    const line = lab.page.getByRole("separator", { name });
    const stands = async () => Number(await line.getAttribute("aria-valuenow"));
    const middle = async () => {
      const box = await line.boundingBox();
      return [box.x + box.width / 2, box.y + box.height / 2];
    };
    const [usual, begin] = [await stands(), await middle()];
    await lab.page.mouse.move(...begin);
    await lab.page.mouse.down();
    await lab.page.mouse.move(begin[0] + 60 * x, begin[1] + 60 * y, { steps: 4 });
    await lab.page.mouse.up();
    const dragged = await middle();
    ok(Math.abs(dragged[0] - begin[0] - 60 * x) < 4 && Math.abs(dragged[1] - begin[1] - 60 * y) < 4, `${begin} to ${dragged}`);

    await line.focus();
    const before = await stands();
    await lab.press(key);
    equal(await stands(), before + x + y);
    equal((await lab.place()).step, 24, "the key moved the run as well");
    await lab.press("End");
    equal(await stands(), Number(await line.getAttribute("aria-valuemax")));
    await lab.assertNothingOutOfReach();
    await lab.press("Home");
    equal(await stands(), Number(await line.getAttribute("aria-valuemin")));
    await lab.assertNothingOutOfReach();
    await lab.reload();
    equal(await stands(), Number(await line.getAttribute("aria-valuemin")), "forgotten");
    await line.dblclick();
    equal(await stands(), usual);
  });
}

// ------------------------------------------------------------------------------------------------------------ drawer

scenario("the tabs of the drawer are one stop, arrows and digits open them, and the one open is remembered", async (lab) => {
  await lab.open(REPLAYING);
  await lab.page.getByRole("tab", { name: "Event", exact: true }).focus();
  for (const name of ["Attempts", "State", "World", "What changed", "Findings", "Compare", "Event"]) {
    await lab.press("ArrowRight");
    equal(await lab.focused(), name);
    await lab.part(name).waitFor();
  }
  equal((await lab.place()).step, 24);
  await lab.press("3");
  await lab.part("State").waitFor();
  await lab.reload();
  await lab.part("State").waitFor();
  await lab.click(/^Event 17,/, "option");
  await lab.part("Event").waitFor();
});

scenario("the state of a moment: what is pending, and what the workers have of it", async (lab) => {
  await lab.open("#/payment-times-out-twice?seed=7&at=15");
  const state = await lab.tab("State");
  match(await state.innerText(), /Pending activities[\s\S]*ProcessPayment[\s\S]*attempt 2 of 3 is due[\s\S]*event 17/i);
  match(await state.innerText(), /worker A[\s\S]*cache: order-1001[\s\S]*slots taken/);
  await state.getByRole("button", { name: "event 17" }).click();
  match(await lab.part("Event").innerText(), /17 · ActivityTaskScheduled/);
});

scenario("what changed: since the step before, or since a moment that one holds on to", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=14");
  const changed = await lab.tab("What changed");
  await lab.press("ArrowRight");
  await lab.until(async () => /customer charged[\s\S]*none[\s\S]*€89\.00/.test(await changed.innerText()), "the charge is no change");
  await lab.press("ArrowLeft");
  await lab.click("hold this moment");
  await lab.press("End");
  const told = await changed.innerText();
  match(told, /Since step 14/i);
  for (const what of [/18 ActivityTaskStarted/, /€89\.00/, /Pending activities[\s\S]*ProcessPayment[\s\S]*no more/i]) match(told, what);
});

// ----------------------------------------------------------------------------------------------------------- history

scenario("the history is one stop for the Tab key, and the arrows go from event to event", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=29");
  const list = lab.page.getByRole("listbox", { name: "History" });
  await list.focus();
  const picked = () => list.getByRole("option", { selected: true }).innerText();
  const active = () => list.evaluate((it) => document.getElementById(it.getAttribute("aria-activedescendant"))?.textContent ?? "");
  for (const [key, id] of [["Home", 1], ["ArrowDown", 2], ["End", 35], ["ArrowUp", 34]]) {
    await lab.press(key);
    match(await active(), new RegExp(`^Event ${id},`));
    match(await picked(), new RegExp(`\\b${id}\\b`));
  }
  await lab.press("PageUp");
  const [, above] = /^Event (\d+),/.exec(await active());
  ok(Number(above) < 32, above);
  await lab.press("PageDown");
  equal((await lab.place()).step, 29, "a key moved the run as well");
  await lab.press("Home");
  await lab.press("Enter");
  equal((await lab.place()).step, 1, "Enter leads to where the event was written");
  await lab.press("Tab");
  ok(!(await list.evaluate((it) => it.contains(document.activeElement))), "a second stop");
});

scenario("the history is searched by words and by regular expression, from hit to hit", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=29");
  await lab.press("/");
  await lab.type("timerstarted|activitytaskcompleted$");
  await lab.see("no hit");
  await lab.click("Regular expression");
  await lab.fill("Search the history", "^\\d+ ActivityTaskCompleted ");
  await lab.see("5 hits");
  equal(await lab.events(), 5);
  await lab.click("in all");
  await lab.until(async () => (await lab.events()) === 35, "the others are not shown");
  await lab.page.getByLabel("Search the history").focus();
  await lab.press("Enter");
  await lab.see("1 of 5");
  await lab.press("Enter");
  await lab.see("2 of 5");
  match(await lab.part("Event").innerText(), /ActivityTaskCompleted/);
  await lab.click("Previous hit");
  await lab.see("1 of 5");
  await lab.fill("Search the history", "(");
  await lab.see(/unterminated group|invalid regular expression/i);
});

scenario("the history can be listed in four ways, in both orders, with three kinds of times", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=29");
  await lab.click("view");
  const first = () => lab.part("Events").getByRole("option").first().innerText();
  const choose = (name) => lab.page.getByRole("radio", { name }).check();
  await choose("event by event");
  equal(await lab.part("Events").getByText(/^Workflow task 1/).count(), 0);
  equal(await lab.events(), 35);
  await choose("newest first");
  match(await first(), /35[\s\S]*WorkflowExecutionCompleted/);
  await choose("one row an operation");
  // The run, six workflow tasks, five activities.
  await lab.until(async () => (await lab.events()) === 12, `${await lab.events()} operations`);
  match(await first(), /Activity[\s\S]*SendNotification|Workflow task/);
  await choose("oldest first");
  match(await first(), /Workflow[\s\S]*1 35/);
  await choose("date and time");
  match(await first(), /\d{4}-\d\d-\d\dT/);
  await choose("before this moment");
  match(await first(), /−/);
  await choose("JSON");
  await lab.part("Events").getByText('"eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED",').waitFor();
  await lab.reload();
  await lab.part("Events").getByText('"eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED",').waitFor();
  await lab.assertAccessible();
});

scenario("the history is narrowed to categories, to what failed, to what is pending", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=14");
  await lab.click("view");
  const only = async (name, events) => {
    await lab.click(name);
    await lab.until(async () => (await lab.events()) === events, `${name}: ${await lab.events()} events`);
    await lab.click(name);
  };
  await only("pending", 1);
  match(await lab.part("Event").innerText(), /17 · ActivityTaskScheduled/);
  await only("failed", 0);
  await only("timer", 0);
  const chips = lab.page.getByRole("group", { name: "Only" });
  await chips.getByRole("button", { name: "workflow task" }).focus();
  await lab.press("ArrowRight");
  equal(await lab.focused(), "activity");
  equal((await lab.place()).step, 14);
});

// ------------------------------------------------------------------------------------------------------------ picker

scenario("a story is found and picked without a mouse, and is marked as seen", { width: 768, height: 1024 }, async (lab) => {
  await lab.open(REPLAYING);
  await lab.page.getByRole("button", { name: /^Story:/ }).focus();
  await lab.press("Enter");
  equal(await lab.focused(), "Filter the stories");
  await lab.type("idempotency key");
  const found = lab.page.getByRole("listbox", { name: "Stories found" });
  const filter = lab.page.getByLabel("Filter the stories");
  const active = () => filter.evaluate((it) => document.getElementById(it.getAttribute("aria-activedescendant"))?.textContent ?? "");
  const before = await active();
  await lab.press("ArrowDown");
  notEqual(await active(), before);
  for (const title of await found.locator(".story-title").all()) {
    ok(await title.evaluate((it) => it.scrollWidth <= it.clientWidth + 1), "a title is cut off");
  }
  await lab.press("Enter");
  await found.waitFor({ state: "hidden" });
  await lab.until(async () => !(await lab.story()).includes("Worker dies after the charge"), "nothing was picked");
  equal((await lab.place()).step, 0);
  await lab.click(/^Story:/);
  await lab.page.getByRole("option", { name: /Worker dies after the charge mended seen/ }).waitFor();
  await lab.assertAccessible();
});

scenario("a fault stands beside the same mended, and chapters are one stop", { width: 1440, height: 900 }, async (lab) => {
  await lab.open();
  await lab.click(/^Story:/);
  const option = (name) => lab.page.getByRole("option", { name });
  const [broken, mended] = [await option(/Dice thrown by the code/).boundingBox(), await option(/Random numbers of the SDK/).boundingBox()];
  ok(Math.abs(broken.y - mended.y) < 2 && broken.x < mended.x, "they are apart");
  match(await option(/Dice thrown by the code/).innerText(), /the fault/);
  await lab.press("Tab");
  await lab.press("Tab");
  await lab.press("Tab");
  await lab.press("Tab");
  const first = await lab.focused();
  await lab.press("ArrowRight");
  notEqual(await lab.focused(), first);
  await lab.press("Enter");
  const count = await lab.page.getByRole("listbox", { name: "Stories found" }).getByRole("option").count();
  ok(count > 1 && count < 20, `${count} stories in a chapter`);
  await lab.press("Tab");
  equal(await lab.page.evaluate(() => document.activeElement.closest("[aria-label=Chapters]")), null, "a chapter is a stop of its own");
});

scenario("stories are found by an activity, and by a fault or a term", async (lab) => {
  await lab.open();
  await lab.click(/^Story:/);
  const titles = () => lab.page.locator("#stories .story-title").allInnerTexts();
  const all = (await titles()).length;
  await lab.choose("With an activity", "CreateShipment");
  await lab.until(async () => (await titles()).length < all / 2, "the activity narrows nothing");
  await lab.choose("About a fault or a term", "saga and compensation");
  ok((await titles()).includes("Address rejected at shipment"), `${await titles()}`);
});

// ------------------------------------------------------------------------------------------------------------- names

scenario("no two buttons have the same name", async (lab) => {
  await lab.open(REPLAYING);
  for (const tab of ["Event", "Attempts", "State", "World", "What changed", "Findings", "Compare"]) {
    await lab.tab(tab);
    const names = await lab.page.getByRole("button").evaluateAll((all) =>
      all.filter((it) => !it.closest(".drawer, .sweep")).map((it) => (it.getAttribute("aria-label") ?? it.textContent).trim()));
    deepEqual(names.filter((name, place) => names.indexOf(name) !== place), [], "said twice");
    deepEqual(names.filter((name) => name === ""), [], "nameless");
  }
});

for (const [theme, width, height] of [["dark", 360, 640], ["light", 1366, 768]]) {
  scenario(`every main screen is accessible, ${theme}, ${width} px`, { theme, width, height }, async (lab) => {
    await lab.open(STUCK);
    await lab.assertAccessible();
    for (const tab of ["Attempts", "State", "World", "What changed", "Findings", "Compare"]) {
      await lab.tab(tab);
      await lab.assertAccessible();
    }
    await lab.click("view");
    await lab.page.getByRole("radio", { name: "one row an operation" }).check();
    await lab.assertAccessible();
    await lab.click(/^Story:/);
    await lab.assertAccessible();
  });
}

scenario("the advice on nondeterminism and every line of the source can be read whole", { width: 1366, height: 768 }, async (lab) => {
  await lab.open(STUCK);
  const cut = await lab.page.evaluate(() => [...document.querySelectorAll(".waits-text, .line-text, .line-note")]
    .filter((it) => it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 3).map((it) => it.textContent));
  deepEqual(cut, []);
});

// ------------------------------------------------------------------------------------------------------------- broken

scenario("if the page breaks, a banner says what to send, and a reload comes back to the moment", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=14");
  await lab.act("kill A");
  await lab.press("ArrowRight");
  const { step } = await lab.place();
  const branches = await lab.branches();
  const banner = await lab.breakOnPurpose();
  const report = await banner.getByRole("textbox").inputValue();
  match(report, /panicked at/);
  match(report, new RegExp(`moment: #/all-goes-well\\?seed=7&do=14:kill:A&at=${step}`));
  await lab.assertAccessible();
  const loaded = lab.page.waitForEvent("load");
  await banner.getByRole("button", { name: "Reload at this moment" }).click();
  await loaded;
  await lab.ready();
  await lab.standsAt("All goes well", step);
  deepEqual(await lab.branches(), branches, "a run is lost");
});
