// Temporal's own Web UI, as its development server has it: its page for importing histories.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

const INSTALLED = new URL("../../target/temporal/bin/temporal", import.meta.url).pathname;
const TEMPORAL = process.env.TEMPORAL_CLI ?? (existsSync(INSTALLED) ? INSTALLED : undefined);

/** Whether there is one to be had. */
export const hasWebUi = TEMPORAL !== undefined;

/** Starts a development server on ports that are free, on this machine alone; `close` ends it. */
export async function serveWebUi() {
  for (let tries = 0; tries < 5; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const all = ["server", "start-dev", "--ip", "127.0.0.1", "--port", `${port}`, "--ui-port", `${port + 1}`, "--log-level", "never"];
    const server = spawn(TEMPORAL, all, { stdio: "ignore" });
    const gone = new Promise((done) => server.once("exit", () => done("gone")));
    const url = `http://127.0.0.1:${port + 1}/import/events`;
    const up = (async () => {
      while (server.exitCode === null) {
        if (await fetch(url).then((answer) => answer.ok, () => false)) return "up";
        await new Promise((done) => setTimeout(done, 100));
      }
    })();
    if ((await Promise.race([gone, up])) === "up") return { url, close: () => server.kill() };
  }
  throw new Error("no development server would start");
}

/** Has the Web UI's page import a file, and waits for the first rows. */
export async function importInto(page, url, file) {
  await page.goto(url);
  const input = page.locator("#import-event-history-file-upload");
  await input.waitFor();
  await input.setInputFiles(file);
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByText("WorkflowExecutionStarted").or(page.getByText("Workflow Execution Started")).or(page.locator("table tr td")).first().waitFor();
}
