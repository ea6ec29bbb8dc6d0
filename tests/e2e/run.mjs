// Runs every *.test.mjs beside it in one process: one browser, one server.

import { readdirSync } from "node:fs";

const names = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".test.mjs")).sort();
for (const name of names) await import(`./${name}`);
