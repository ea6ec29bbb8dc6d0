// The time picture by mouse and keyboard: every mark says what it is, no lane is out of reach, the brush's ends can be
// dragged.

import { match, notEqual, ok } from "node:assert/strict";
import { scenario } from "./page.mjs";

const REPLAYED = "#/crash-after-charge?seed=7&at=32";

const picture = (lab) => lab.part("Time picture");
const card = (lab) => picture(lab).getByRole("status", { name: "About this mark" });

/** The middle of the bar on which words stand. */
async function middleOf(lab, words) {
  const box = await picture(lab).getByText(words).first().boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

scenario("a mark says what it is when it is pointed at, and stops when it is not", { width: 1440, height: 900 }, async (lab) => {
  await lab.open(REPLAYED);
  const [x, y] = await middleOf(lab, /^dead/);
  await lab.page.mouse.move(x, y);
  await lab.until(async () => /memory is lost/.test(await card(lab).innerText()), "no word about the dead worker");
  await lab.page.mouse.move(x, 5);
  await lab.until(async () => (await card(lab).innerText()) === "", "the card stays");
});

scenario("the arrow keys go from mark to mark, Enter to where one begins", { width: 1440, height: 900 }, async (lab) => {
  await lab.open(REPLAYED);
  const before = (await lab.place()).step;
  await lab.page.getByRole("group", { name: /^Marks/ }).focus();
  const told = new Set();
  for (let n = 0; n < 6; n++) {
    await lab.press("ArrowRight");
    told.add(await card(lab).innerText());
  }
  ok(told.size >= 5, [...told].join("\n"));
  ok(![...told].includes(""), "a mark without a word");
  match(await card(lab).innerText(), /\d:\d\d/);
  ok((await lab.place()).step === before, "looking moves the moment");
  await lab.press("Enter");
  await lab.until(async () => (await lab.place()).step < before, "Enter does not go there");
  await lab.press("Escape");
  await lab.until(async () => (await card(lab).innerText()) === "", "Escape does not close the card");
});

scenario("no lane is out of reach in a low window", { width: 1280, height: 720 }, async (lab) => {
  await lab.open("#/heartbeat?seed=7&at=20");
  const panel = await picture(lab).boundingBox();
  const lanes = await lab.page.getByTestId("lane").all();
  ok(lanes.length > 5);
  for (const lane of lanes) {
    await lane.scrollIntoViewIfNeeded();
    const box = await lane.boundingBox();
    ok(box.y >= panel.y && box.y + box.height <= panel.y + panel.height, `${await lane.textContent()} is cut`);
  }
});

scenario("the brush is dragged by its ends", { width: 1440, height: 900 }, async (lab) => {
  await lab.open(REPLAYED);
  const strip = await lab.page.getByTestId("brush").boundingBox();
  const y = strip.y + strip.height / 2;
  const axis = () => lab.page.getByTestId("axis").textContent();
  const before = await axis();
  await lab.page.mouse.move(strip.x + strip.width - 2, y);
  await lab.page.mouse.down();
  await lab.page.mouse.move(strip.x + strip.width * 0.4, y, { steps: 4 });
  await lab.page.mouse.up();
  const fit = lab.page.getByRole("button", { name: "fit", exact: true });
  await lab.until(async () => (await fit.getAttribute("aria-disabled")) === null, "the end cannot be dragged");
  notEqual(await axis(), before);
  await fit.click();
  await lab.until(async () => (await axis()) === before, "fit does not show the whole run again");
});
