// The browser of the tests and of the README's pictures.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

/** Chromium without a window; it asks nobody for anything. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROME ?? findProgram(CHROMES),
    args: [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
}

const CHROMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** The first of some programs that is on PATH. */
export function findProgram(names) {
  const found = names.flatMap((name) => process.env.PATH.split(delimiter).map((folder) => join(folder, name))).find(existsSync);
  if (!found) throw new Error(`none of these is on PATH: ${names.join(", ")}`);
  return found;
}
