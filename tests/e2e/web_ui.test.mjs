// What this page saves, Temporal's own Web UI imports.

import { ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { scenario } from "./page.mjs";
import { hasWebUi, importInto, serveWebUi } from "./web_ui.mjs";

// A saga after a crash; children and resets; and a run that is open.
const RUNS = ["#/crash-after-charge?seed=7&at=", "#/children?seed=7&at=", "#/both-workers-dead?seed=7&at="];

if (hasWebUi) {
  scenario("the histories that are saved here are imported by Temporal's Web UI", { patience: 30_000 }, async (lab, t) => {
    const webUi = await serveWebUi();
    t.after(() => webUi.close());
    for (const route of RUNS) {
      await lab.open(`${route}0`);
      await lab.press("End");
      const [download] = await Promise.all([lab.page.waitForEvent("download"), lab.click("save")]);
      const file = await download.path();
      const { events } = JSON.parse(readFileSync(file, "utf8"));
      const theirs = await lab.context.newPage();
      await importInto(theirs, webUi.url, { name: "saved.json", mimeType: "application/json", buffer: readFileSync(file) });
      const shown = await theirs.locator("body").innerText();
      for (const { eventId, eventType } of events.slice(-20)) {
        const words = eventType.replace("EVENT_TYPE_", "").replaceAll("_", " ");
        ok(shown.replaceAll(/\s/g, "").toLowerCase().includes(words.replaceAll(" ", "").toLowerCase()), `${route}: event ${eventId}, ${words}, is not there`);
      }
      await theirs.close();
    }
  });
}
