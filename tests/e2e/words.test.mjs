// That the page's words are true, bounded and where one looks for them. Which words are true is tested natively.

import { equal, match, ok } from "node:assert/strict";
import { scenario } from "./page.mjs";

const PAYMENT_RUNS = "#/all-goes-well?seed=7&at=14";

scenario("a moment is told in one format, wherever it is told", async (lab) => {
  await lab.open("#/crash-after-charge?seed=7&at=30");
  const clock = (await lab.page.locator(".clock").innerText()).trim();
  match(clock, /^\d+:\d\d\.\d{3}$/);
  const times = await lab.page.locator(".row-time").allInnerTexts();
  ok(times.length > 0 && times.every((time) => /^\d+:\d\d\.\d{3}$/.test(time)), times.join(" "));
});

scenario("the title of the tab says story and moment", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.titled(/^All goes well · step 14 of \d+, 0:00\.\d{3} · /);
  await lab.press("ArrowRight");
  await lab.titled(/· step 15 of/);
});

scenario("the original can be had again once its tab is closed", async (lab) => {
  await lab.open(PAYMENT_RUNS);
  await lab.act("kill A");
  await lab.click(/^Close timeline original/);
  equal((await lab.branches()).length, 1);
  await lab.click(/^\+ original$/);
  await lab.shows(/^original$/);
});

scenario("what an address asks in vain is counted, and an unknown story finds the nearest", async (lab) => {
  const never = Array.from({ length: 500 }, (_, n) => `${1000 + n}:kill:A`).join(",");
  await lab.open(`#/all-goes-well?seed=7&do=${never}&at=3`);
  await lab.until(async () => /And 497 more like these/.test(await lab.complaint()));
  ok((await lab.page.locator(".message-wrong").boundingBox()).height < 200);
  await lab.open("#/crash-after-chrage");
  await lab.until(async () => /these come nearest: crash-after-charge,/.test(await lab.complaint()));
});

scenario("the console refuses with the reason, answers queries, helps and remembers", async (lab) => {
  await lab.open("#/order-fulfilled?seed=7&at=14");
  await lab.press(":");
  const answers = lab.page.getByRole("log", { name: "Answers" });
  const enter = async (line, answer) => {
    await lab.fill("Command", line);
    await lab.press("Enter");
    await lab.until(async () => answer.test(await answers.innerText()), `${line} was never answered with ${answer}`);
  };
  await enter("kill Z", /“14:kill:Z” is no choice: .*worker/);
  await enter("restart A", /refused: it is running already/);
  await enter("help", /reset ID EVENT/);
  equal((await lab.branches()).length, 1, "what is refused makes no other future");
  await lab.press("ArrowUp");
  await lab.press("ArrowUp");
  equal(await lab.page.getByLabel("Command").inputValue(), "restart A");
  await lab.press("ArrowDown");
  equal(await lab.page.getByLabel("Command").inputValue(), "help");
});

scenario("the page goes along when a run continues as new, and back", async (lab) => {
  await lab.open("#/sync-continues-as-new?seed=7&at=0");
  const shown = () => lab.page.getByLabel("Workflow run").evaluate((it) => it.selectedOptions[0].textContent);
  match(await shown(), /^DataSync · .* · run 1 of \d · /);
  await lab.press("End");
  await lab.until(async () => /run [2-9] of \d · Completed$/.test(await shown()));
  match(await lab.waiting(), /^Closed.*completed/);
  await lab.press("Home");
  await lab.until(async () => /run 1 of \d/.test(await shown()));
});
