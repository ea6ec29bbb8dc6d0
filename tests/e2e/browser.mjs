// The browser of the tests and of the README's pictures.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

/** Chromium without a window; it asks nobody for anything. */
export function launch() {
  return chromium.launch({
    executablePath: findBrowser(),
    args: [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
}

function findBrowser() {
  if (process.env.CHROME) return process.env.CHROME;
  for (const name of ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]) {
    for (const directory of process.env.PATH.split(delimiter)) {
      if (existsSync(join(directory, name))) return join(directory, name);
    }
  }
  throw new Error("no Chromium on PATH; name one in CHROME");
}
