// What a visitor does in the lab: steps, kills, goes back, shares. What the engine computes is tested natively; here,
// that the page shows it, obeys, and loses nothing.

import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from "node:assert/strict";
import { scenario } from "./page.mjs";

// Moments of stories, as `tests/stories` tells them.
const PAYMENT_RUNS = "#/all-goes-well?seed=7&at=14"; // ProcessPayment runs on worker A; 17 events
const PAYMENT_CHARGED = "#/all-goes-well?seed=7&at=15"; // … and the customer is charged
const BACKING_OFF = "#/payment-times-out-twice?seed=7&at=15"; // attempt 1 has just timed out
const REPLAYING = "#/crash-after-charge?seed=7&at=24"; // worker B is in the middle of its replay

// ---------------------------------------------------------------------------------------------------------- stepping

scenario("a story is picked and stepped to its end by keyboard", async (lab) => {
  await lab.open();
  await lab.pickStory("All goes well");
  const { step, last } = await lab.place();
  equal(step, 0);
  equal(await lab.events(), 0);
  const grown = [0];
  for (let n = 1; n <= last; n++) {
    await lab.press("ArrowRight");
    equal((await lab.place()).step, n);
    grown.push(await lab.events());
  }
  ok(grown.every((count, n) => n === 0 || count >= grown[n - 1]), `a history never shrinks: ${grown}`);
  equal(grown[1], 2, "starting a workflow writes two events");
  equal(grown.at(-1), 35);
  match(await lab.waiting(), /^Closed.*completed/);
  match(await lab.part("Event").innerText(), /WorkflowExecutionCompleted[\s\S]*"status":"completed"/);
  equal(await lab.fact("customer charged"), "€89.00");
  await lab.addressed(`all-goes-well?seed=7&at=${last}`);

  await lab.press("ArrowRight");
  equal((await lab.place()).step, last, "there is nothing after the end");
  await lab.press("ArrowLeft");
  equal((await lab.place()).step, last - 1);
  equal(await lab.events(), grown[last - 1], "going back takes the history back");
  await lab.addressed(`at=${last - 1}`);
});

// How a hand picks one is in `frame.test.mjs`; here the list is asked for each of them without one.
scenario("every story can be picked, and reaches its end and its verdict", { patience: 30_000 }, async (lab) => {
  await lab.open();
  await lab.page.getByRole("button", { name: /^Story:/ }).click();
  const stories = lab.page.locator("#stories .story");
  const titles = await stories.evaluateAll((all) => all.map((it) => it.firstElementChild.textContent.trim()));
  ok(titles.length >= 45, `${titles.length} stories`);
  await lab.press("Escape");
  for (const title of titles) {
    await stories.evaluateAll((all, title) => all.find((it) => it.firstElementChild.textContent.trim() === title).click(), title);
    await lab.until(async () => (await lab.story()) === title && (await lab.place()).last > 0, `${title} never came`);
    await lab.press("End");
    const { step, last } = await lab.place();
    ok(last > 5 && step === last, `${title}: step ${step} of ${last}`);
    match(await lab.waiting(), /^Closed/, title);
    match(await lab.page.getByRole("banner").innerText(), /promises? (held|broken)|completed|failed|cancelled|timed out/, title);
  }
});

scenario("the incidents of a run are a key away", async (lab) => {
  await lab.open("#/crash-after-charge?seed=7&at=0");
  await lab.press("Shift+ArrowRight");
  match(await lab.happened(), /worker A dies/);
  await lab.press("Shift+ArrowRight");
  match(await lab.happened(), /start-to-close limit/);
  await lab.press("Shift+ArrowLeft");
  match(await lab.happened(), /worker A dies/);
  await lab.press("Home");
  equal((await lab.place()).step, 0);
});

scenario("an event tells why it is there, and leads to where it was written", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=29");
  await lab.click(/^Event 17,/, "option");
  match(await lab.part("Event").innerText(), /17 · ActivityTaskScheduled[\s\S]*why here[\s\S]*ProcessPayment/);
  equal((await lab.place()).step, 29, "looking at an event moves nothing");
  await lab.part("Event").getByRole("button", { name: /to step 14/ }).click();
  equal((await lab.place()).step, 14);
  equal(await lab.events(), 17);
});

// ----------------------------------------------------------------------------------------------------------- crashes

scenario("worker A dies over the payment: the other replays, and the order ends the same", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=29");
  const result = /"status":"[^"]*"/.exec(await lab.part("Event").innerText())[0];
  await lab.open(PAYMENT_RUNS);
  match(await lab.waiting(), /ProcessPayment.*runs on worker A/);
  const before = await lab.events();
  await lab.act("kill A");
  await lab.addressed("do=14:kill:A&at=15");
  match(await lab.happened(), /worker A dies, and with it ProcessPayment/);
  equal(await lab.events(), before, "a crash is written nowhere");
  const known = await lab.part("Not in the history yet").innerText();
  match(known, /ProcessPayment attempt 1 started/);
  doesNotMatch(known, /died/, "the Service cannot know of a death");
  match(await lab.waiting(), /lost with worker A.*does not know.*until 1:00\.129/);
  match(await lab.line(20), /forgotten/);

  await lab.stepTo(/worker B replays/);
  match(await lab.happened(), /replays the code over events 1-3/);
  await lab.stepTo(/event 7 feeds line 20/);
  const replayed = await lab.line(20);
  match(replayed, /replayed/);
  match(replayed, /← event 7/);
  match(await lab.line(21), /replayed/);
  const scheduled = lab.part("Events").getByRole("option", { name: /ActivityTaskScheduled.*ValidateOrder/ });
  equal(await scheduled.count(), 1, "what is recorded is not run again");

  await lab.press("End");
  match(await lab.waiting(), /^Closed.*completed/);
  equal(await lab.fact("customer charged"), "€89.00");
  equal(await scheduled.count(), 1);
  ok((await (await lab.tab("Event")).innerText()).includes(result), `not the same result: ${result}`);
  equal(await lab.events(), 35, "a retry leaves no more events");
});

scenario("no worker is left: nothing happens until one is restarted", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.press("x");
  await lab.addressed("do=14:kill:A,15:kill:B&at=16");
  await lab.press("End");
  match(await lab.waiting(), /^Stuck.*no worker is running.*Nothing will happen.*start a worker/);
  const { step: stuck } = await lab.place();
  await lab.press("ArrowRight");
  equal((await lab.place()).step, stuck);
  const branches = await lab.branches();

  await lab.act("restart B");
  await lab.addressed(`${stuck}:restart:B`);
  match(await lab.happened(), /worker B starts with an empty memory/);
  equal((await lab.branches()).length, branches.length, "going on from the end is the same timeline, longer");
  await lab.stepTo(/worker B replays/);
  await lab.press("End");
  match(await lab.waiting(), /^Closed.*completed/);
  equal(await lab.fact("customer charged"), "€89.00");
});

scenario("a run that is stuck has kept nothing: its verdict does not look like a good one", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.press("x");
  await lab.addressed("at=16");
  await lab.press("End");
  match(await lab.waiting(), /^Stuck/);
  const told = await lab.page.getByRole("banner").innerText();
  doesNotMatch(told, /no promises|promises held/, "the story has promises, and they are open");
});

scenario("a closed run cannot be changed any more, and says so", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=29");
  await lab.press("a");
  await lab.see(/the run is closed: nothing/i);
  equal((await lab.branches()).length, 1);
  equal((await lab.place()).step, 29);
});

// ----------------------------------------------------------------------------------------------------------- retries

scenario("during a backoff the page says which attempt comes when, and why then", async (lab) => {
  await lab.open(BACKING_OFF);
  const waiting = await lab.waiting();
  match(waiting, /ProcessPayment: attempt 2 of 3/);
  match(waiting, /1:02\.129/);
  match(waiting, /backoff of 2 s/);
  match(waiting, /failed: .*StartToClose/i);
  const attempts = await (await lab.tab("Attempts")).innerText();
  match(attempts, /timed out after 60 s/);
  match(attempts, /2 s × 2\.0/);
  equal(await lab.events(), 17, "a retry is written nowhere");

  await lab.click("next attempt");
  match(await lab.happened(), /takes ProcessPayment, attempt 2/);
  await lab.press("n");
  match(await lab.happened(), /takes ProcessPayment, attempt 3/);
  match(await lab.part("Attempts").innerText(), /GatewayTimeout/, "the failure before is forgotten");
  equal(await lab.events(), 17);
  await lab.press("ArrowLeft");
  match(await lab.waiting(), /attempt 3 of 3/);
});

scenario("an attempt that is due and not taken waits for a worker, not for a backoff", async (lab) => {
  await lab.open("#/crash-after-charge?seed=7&at=18");
  match(await lab.happened(), /due again: attempt 2/);
  const second = await (await lab.tab("Attempts")).getByRole("listitem").nth(1).innerText();
  match(second, /waits for a worker/);
});

scenario("the last attempt leads nowhere further, and the page says so", async (lab) => {
  await lab.open("#/payment-times-out-twice?seed=7&at=38");
  await lab.press("n");
  await lab.see(/no further attempt/i);
  equal((await lab.place()).step, 38);
});

// ---------------------------------------------------------------------------------------------------------- verdicts

scenario("without keys a crash charges twice: the fact is flagged and the verdict names the promise", async (lab) => {
  await lab.open("#/crash-after-charge-no-keys?seed=7&at=0");
  match(await lab.page.getByRole("banner").innerText(), /will break 1 of \d+ promises/);
  await lab.click(/will break/);
  equal((await lab.place()).step, (await lab.place()).last, "the verdict leads to the end");
  match(await lab.fact("customer charged"), /wrong: *[\s\S]*€178\.00/);
  match(await lab.page.getByRole("banner").innerText(), /1 of \d+ promises broken/);
  const broken = (await lab.tab("World")).getByRole("listitem").filter({ hasText: "broken:" });
  equal(await broken.count(), 1);
  match(await broken.innerText(), /customer pays[\s\S]*€178\.00[\s\S]*€89\.00/);
});

scenario("with keys the same crash keeps every promise", async (lab) => {
  await lab.open("#/crash-after-charge?seed=7&at=0");
  await lab.press("End");
  const charged = await lab.fact("customer charged");
  equal(charged, "€89.00");
  match(await lab.page.getByRole("banner").innerText(), /all \d+ promises held/);
  equal(await lab.part("World").getByRole("listitem").filter({ hasText: "broken:" }).count(), 0);
});

// ------------------------------------------------------------------------------------------------------- time travel

scenario("acting in the past begins another future, and the old one stays as it was left", async (lab) => {
  await lab.open(PAYMENT_CHARGED);
  await lab.act("kill A");
  await lab.shows(/kill A at 15/);
  deepEqual((await lab.branches()).map(({ shown }) => shown), [false, true]);
  await lab.press("End");
  const { last } = await lab.place();
  await lab.addressed(`at=${last}`);

  await lab.click(/^original$/);
  await lab.shows(/^original$/);
  equal((await lab.place()).step, 15, "its cursor has moved");
  equal(await lab.events(), 17);
  await lab.click(/^kill A at 15/);
  await lab.shows(/kill A at 15/);
  equal((await lab.place()).step, last);
});

scenario("doing the same thing at the same moment again is the same future", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.act("kill A");
  await lab.press("ArrowLeft");
  await lab.addressed("at=14");
  await lab.press("a");
  await lab.addressed("at=15");
  equal((await lab.branches()).length, 2);
});

scenario("a future is closed with its cross, and the last one stays", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.act("kill A");
  await lab.click(/^Close timeline kill A/);
  await lab.until(async () => (await lab.branches()).length === 1);
  equal((await lab.place()).step, 14);
  equal(await lab.page.getByRole("button", { name: /^Close timeline/ }).count(), 0);
});

// ------------------------------------------------------------------------------------------------------------- seeds

scenario("a seed that is none is told, and the run stays", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  const seed = lab.page.getByRole("textbox", { name: "seed" });
  for (const wrong of ["18446744073709551616", "-1", "seven"]) {
    await seed.fill(wrong);
    await seed.press("Enter");
    await lab.until(async () => (await lab.complaint()).includes(`“${wrong}” is no seed`), `no word about ${wrong}`);
    equal((await lab.place()).step, 14);
  }
  await seed.fill("18446744073709551615");
  await seed.press("Enter");
  await lab.addressed("seed=18446744073709551615&at=0");
});

// ----------------------------------------------------------------------------------------------------------- playing

const SPEED = "Speed of the virtual clock";

for (const calm of [false, true]) {
  scenario(`the clock runs to the end and stops there${calm ? ", with reduced motion too" : ""}`, { calm }, async (lab) => {
    await lab.open("#/all-goes-well?seed=7&at=0");
    await lab.choose(SPEED, "1×"); // a second and a bit for this story
    await lab.press("Escape"); // out of the list, so that the keys are heard
    await lab.press(" ");
    await lab.page.getByRole("button", { name: /^pause/ }).waitFor();
    await lab.page.getByRole("button", { name: /^play/ }).waitFor();
    const { step, last } = await lab.place();
    equal(step, last, "it stopped before the end");
    await lab.addressed(`at=${last}`);
    await lab.click(/^play/);
    await lab.until(async () => (await lab.place()).step < last, "playing at the end does not begin anew");
  });
}

scenario("a pause holds the clock, and the speeds differ", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=0");
  await lab.choose(SPEED, "1/10×");
  await lab.click(/^play/);
  await lab.until(async () => (await lab.place()).step > 2);
  await lab.click(/^pause/);
  const { step, last } = await lab.place();
  ok(step < last, "a tenth of the speed is over already");
  await lab.page.waitForTimeout(400);
  equal((await lab.place()).step, step, "it goes on during the pause");
  await lab.choose(SPEED, "60×");
  await lab.click(/^play/);
  await lab.until(async () => (await lab.place()).step === last);
});

scenario("nothing moves by itself for who wants no motion", { calm: true }, async (lab) => {
  await lab.open(REPLAYING);
  const moving = await lab.page.evaluate(() =>
    document.getAnimations().filter((it) => it.playState === "running" && it.effect.getTiming().duration > 10).length);
  equal(moving, 0);
  await lab.page.waitForTimeout(500);
  equal((await lab.place()).step, 24);
});

// ---------------------------------------------------------------------------------------------------------- keyboard

scenario("Tab reaches every control, and one sees where it is", async (lab) => {
  await lab.open(REPLAYING);
  const reached = new Map();
  for (let n = 0; n < 120; n++) {
    await lab.press("Tab");
    const at = await lab.page.evaluate(() => {
      const it = document.activeElement;
      if (!it || it === document.body) return null;
      // Somewhere on it, or on what it is drawn with, there must be an outline or a ring.
      const drawn = [it, ...it.querySelectorAll("*")].map((part) => getComputedStyle(part));
      const seen = it.matches(":focus-visible") && drawn.some((style) =>
        (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none" ||
        (it instanceof SVGElement && style.strokeWidth !== "0px"));
      const box = it.getBoundingClientRect();
      return {
        name: (it.getAttribute("aria-label") ?? it.getAttribute("title") ?? it.textContent).trim().slice(0, 60),
        seen,
        inView: box.bottom > 0 && box.top < innerHeight && box.width > 0,
      };
    });
    if (!at) break;
    reached.set(at.name, at);
  }
  const names = [...reached.keys()];
  for (const wanted of [
    /^Story/, /^A step on/, /play|clock run/i, /^Speed/, /promises/, /^Copy a link/, /^Keys and legend/, /^restart (worker )?A/,
    /^kill (worker )?B/, /^Search the history/, /^History$/, /^Between code and picture/, /^Moment/, /^Zoom in/,
  ]) {
    ok(names.some((name) => wanted.test(name)), `Tab never reaches ${wanted}, only ${names.join(" | ")}`);
  }
  const unseen = [...reached.values()].filter(({ seen, inView }) => !seen || !inView).map(({ name }) => name);
  deepEqual(unseen, [], "the focus cannot be seen there");
});

scenario("the help opens with ?, closes with Escape and gives the focus back", async (lab) => {
  await lab.open(REPLAYING);
  await lab.page.getByRole("button", { name: "Keys and legend" }).focus();
  await lab.press("?");
  const help = lab.page.getByRole("dialog");
  await help.waitFor();
  await lab.press("x");
  await lab.press("ArrowRight");
  equal((await lab.place()).step, 24, "a key reached behind the dialog");
  await lab.press("Escape");
  await help.waitFor({ state: "hidden" });
  equal(await lab.focused(), "Keys and legend");
  equal((await lab.branches()).length, 1);
});

scenario("Escape closes the list of stories", async (lab) => {
  await lab.open(REPLAYING);
  const picker = lab.page.getByRole("button", { name: /^Story:/ });
  await picker.focus();
  await lab.press("Enter");
  const list = lab.page.getByRole("heading", { name: "Stories" });
  await list.waitFor();
  await lab.press("Escape");
  await list.waitFor({ state: "hidden" });
  match(await lab.focused(), /^Story:/);
});

scenario("the stories can be filtered by what is told of them", async (lab) => {
  await lab.open();
  await lab.page.getByRole("button", { name: /^Story:/ }).click();
  await lab.fill("Filter the stories", "saga card declined gives");
  const found = lab.page.locator("#stories .story");
  await lab.until(async () => (await found.count()) === 1, "the filter finds something else");
  match(await found.innerText(), /Card declined/);
  await lab.fill("Filter the stories", "there is no such story");
  await lab.see(/no story matches/i);
  await lab.fill("Filter the stories", "gives card declined saga");
  await found.click();
  equal(await lab.story(), "Card declined");
});

scenario("where a story has several workflows, each can be shown, and the address says which", async (lab) => {
  await lab.open("#/schedule-to-start?seed=7&at=0");
  await lab.press("End");
  const chooser = lab.page.getByLabel("Workflow run");
  const options = await chooser.locator("option").allInnerTexts();
  equal(options.length, 3);
  ok(options.every((option) => / · Completed$/.test(option)), options.join(", "));
  const events = await lab.events();
  await lab.choose("Workflow run", options[1]);
  await lab.addressed("&run=2");
  await lab.until(async () => (await lab.events()) !== events, "the history is the same");
  await lab.reload();
  await lab.addressed("&run=2");
  equal(await chooser.evaluate((it) => it.selectedOptions[0].textContent), options[1]);
});

scenario("an address with a workflow run that is not there says so and shows the first", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=3&run=9");
  await lab.until(async () => /Workflow run 9/.test(await lab.complaint()), "nothing was said");
  equal((await lab.place()).step, 3);
});

// ------------------------------------------------------------------------------------------------------- the console

scenario("the console answers as the command line does, for the moment shown", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.press(":");
  equal(await lab.focused(), "Command");
  const answers = lab.page.getByRole("log", { name: "Answers" });
  const ask = async (line, answer) => {
    await lab.fill("Command", line);
    await lab.press("Enter");
    await lab.until(async () => answer.test(await answers.innerText()), `${line} was never answered with ${answer}`);
  };
  await ask("list", /Running\s+order-1001/);
  await ask("describe", /ProcessPayment/);
  await ask("task-queue", /worker|poller/i);
  await ask("list ExecutionStatus='Completed'", /no workflow/);
  await ask("metrics", /temporal_activity_schedule_to_start_latency/);
  await ask("metrics prometheus", /# TYPE temporal_/);
  await ask("trace", /RunActivity:ValidateOrder/);
  await ask("list ExecutionStatus=", /›[\s\S]*ExecutionStatus/);
  await ask("describe order-9", /order-9/);
  await ask("make coffee", /“make” is no command\. To ask: list/);
  equal((await lab.branches()).length, 1, "a question made another timeline");
  await lab.press("Escape");
  await answers.waitFor({ state: "hidden" });
});

scenario("what is typed into the console is done there, and makes another future", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.press(":");
  await lab.fill("Command", "cancel order-1001 changed my mind");
  await lab.press("Enter");
  await lab.shows(/^cancel order-1001/);
  await lab.press("Escape");
  await lab.addressed("do=14:cancel:order-1001:changed~20my~20mind&at=15");
  await lab.press("End");
  await lab.see(/WorkflowExecutionCancelRequested/);
  await lab.reload();
  await lab.shows(/^cancel order-1001/);
});

scenario("the console is within reach of everybody", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.click("Console");
  await lab.fill("Command", "describe");
  await lab.press("Enter");
  await lab.see(/ProcessPayment/);
  await lab.assertAccessible();
  await lab.page.setViewportSize({ width: 360, height: 740 });
  await lab.assertNoSidewaysScroll();
  await lab.assertAccessible();
});

scenario("a slash leads to the filter, and what is typed there is no command", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=20");
  await lab.press("/");
  equal(await lab.focused(), "Search the history");
  await lab.type("xab activitytaskscheduled");
  equal((await lab.branches()).length, 1, "typing killed a worker");
  equal((await lab.place()).step, 20);
  equal(await lab.events(), 0);
  await lab.see(/no event matches/i);
  await lab.fill("Search the history", "ActivityTaskScheduled payment");
  await lab.until(async () => (await lab.events()) === 1, "the filter finds something else");
  await lab.fill("Search the history", "");
  await lab.until(async () => (await lab.events()) > 20);
  await lab.press("Escape");
  notEqual(await lab.focused(), "Search the history");
  await lab.press("ArrowRight");
  equal((await lab.place()).step, 21);
});

scenario("the moment in the time picture is a slider that keys move", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  const slider = lab.page.getByRole("slider", { name: "Moment" });
  await slider.focus();
  await lab.press("ArrowRight");
  equal(await slider.getAttribute("aria-valuenow"), "15");
  await lab.press("Home");
  equal(await slider.getAttribute("aria-valuenow"), "0");
});

scenario("a button that can do no more keeps the keyboard", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=27");
  const step = lab.page.getByRole("button", { name: "A step on" });
  await step.focus();
  for (let n = 0; n < 3; n++) await lab.press("Enter");
  equal((await lab.place()).step, 29);
  ok(await step.evaluate((it) => it === document.activeElement), "the focus is lost at the end of the run");
});

scenario("the moment stays in sight when the time picture is zoomed", async (lab) => {
  await lab.open("#/payment-times-out-twice?seed=7&at=3");
  for (let n = 0; n < 4; n++) await lab.press("+");
  const slider = lab.page.getByRole("slider", { name: "Moment", includeHidden: true });
  const seen = async () => {
    if (!(await slider.isVisible())) return false;
    const [cursor, panel] = [await slider.boundingBox(), await lab.part("Time picture").boundingBox()];
    const middle = cursor.x + cursor.width / 2;
    return middle >= panel.x && middle <= panel.x + panel.width;
  };
  ok(await seen(), "zooming loses it");
  await lab.press("End");
  await lab.page.evaluate(() => new Promise(requestAnimationFrame));
  ok(await seen(), "stepping leaves the part that is seen");
});

scenario("the theme changes with a key and is remembered", async (lab) => {
  await lab.open(REPLAYING);
  const theme = () => lab.page.evaluate(() => document.documentElement.dataset.theme);
  const before = await theme();
  await lab.press("t");
  const after = await theme();
  notEqual(after, before);
  await lab.reload();
  equal(await theme(), after);
});

// ------------------------------------------------------------------------------------------------------------- looks

// The other main screens, and the other pairs of theme and width, are in `frame.test.mjs`.
for (const [theme, width] of [["dark", 1280], ["light", 360]]) {
  scenario(`is accessible in the middle of a run, ${theme}, ${width} px`, { theme, width }, async (lab) => {
    await lab.open(REPLAYING);
    await lab.assertAccessible();
    await lab.press("?");
    await lab.page.getByRole("dialog").waitFor();
    await lab.assertAccessible();
    await lab.assertNoSidewaysScroll();
  });
  scenario(`is accessible where something is wrong, ${theme}`, { theme }, async (lab) => {
    await lab.open("#/crash-after-charge-no-keys?seed=7&at=99999");
    await lab.until(async () => (await lab.complaint()) !== "");
    await lab.press("End");
    await lab.assertAccessible();
  });
}

scenario("stepping never makes the page stand still", async (lab, t) => {
  await lab.watchTasks();
  await lab.open("#/payment-times-out-twice?seed=7&at=0");
  await lab.until(async () => (await lab.place()).last > 0);
  await lab.longTasks(); // those of the opening
  const { last } = await lab.place();
  for (let n = 1; n <= last; n++) {
    await lab.press("ArrowRight");
    await lab.page.evaluate(() => new Promise(requestAnimationFrame));
  }
  equal((await lab.place()).step, last);
  const long = await lab.longTasks();
  const worst = long[0] ?? 0;
  t.diagnostic(`${last} steps, ${long.length} tasks longer than 50 ms, the longest ${worst} ms`);
  ok(worst <= 200, `a task of ${worst} ms`);
});

scenario("a kill while the clock runs does not stop it", async (lab) => {
  await lab.open("#/all-goes-well?seed=7&at=14");
  await lab.press(" ");
  await lab.press("a");
  await lab.shows(/^kill A/);
  const { step } = await lab.place();
  await lab.until(async () => (await lab.place()).step > step + 1, "the clock stopped without a word");
});

scenario("sweeps run in a Web Worker, and come to the same as without one", async (lab) => {
  const told = async () => {
    await lab.until(async () => /crash points: /.test(await lab.part("Crash sweep").innerText()), "the sweep never ends");
    return lab.part("Crash sweep").getByRole("heading").innerText();
  };
  await lab.open("worker-dies");
  const beside = await told();
  equal(lab.page.workers().length, 1);
  // A browser, or a policy, that allows none.
  await lab.page.addInitScript(() => delete window.Worker);
  await lab.reload();
  equal(await told(), beside);
  equal(lab.page.workers().length, 0);
});

scenario("what breaks in the Web Worker is told, and the page goes on", async (lab) => {
  lab.expectProblem(/no memory left/);
  await lab.open("worker-dies");
  const sweep = lab.part("Crash sweep");
  await lab.until(async () => lab.page.workers().length === 1, "there is no Web Worker");
  await lab.until(() => sweep.getByRole("button").count(), "nothing is tried");
  await lab.page.workers()[0].evaluate(() => setTimeout(() => { throw new Error("no memory left"); }));
  await lab.until(async () => lab.page.workers().length === 0, "the broken Web Worker stays");
  await lab.press("ArrowRight");
  await lab.open("card-declined");
  await lab.until(async () => /crash points: /.test(await sweep.innerText()), "no other Web Worker takes over");
});
