// The pictures of the README, taken from the page in dist/: `./dev pictures`.

import { mkdirSync } from "node:fs";
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const FOLDER = new URL("../../.github/pictures/", import.meta.url).pathname;
const SIZE = { width: 1440, height: 900 };

// What is seen, where, and by whom: a visitor who has never been here gets the first scene.
const PICTURES = [
  { name: "first-minute", address: "", theme: "dark", newcomer: true, sign: ".lesson-words" },
  { name: "crash-and-replay", address: "#/crash-after-charge?seed=7&at=32", theme: "dark", sign: ".time-svg" },
  { name: "nondeterminism", address: "#/deploy-unpatched?seed=7&at=40", theme: "light", sign: ".time-svg" },
];

const server = await serve(new URL("../../dist", import.meta.url).pathname, "/sagascope/");
const browser = await launch();
mkdirSync(FOLDER, { recursive: true });
for (const { name, address, theme, newcomer, sign } of PICTURES) {
  const context = await browser.newContext({ viewport: SIZE, colorScheme: theme, reducedMotion: "reduce" });
  if (!newcomer) await context.addInitScript(() => localStorage.setItem("sagascope.met", "yes"));
  const page = await context.newPage();
  await page.goto(server.url + address);
  await page.locator('main[aria-busy="false"]').waitFor();
  await page.locator(sign).first().waitFor();
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: `${FOLDER}${name}.png` });
  await context.close();
  console.log(`.github/pictures/${name}.png`);
}
await browser.close();
server.close();
