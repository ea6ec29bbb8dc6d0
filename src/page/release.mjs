// Trunk's post-build hook: turns a finished build into a release. It adds what only the finished files can tell: the
// hashes for the Content-Security-Policy, and the list of files the service worker keeps. Node alone, no packages.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dist = process.env.TRUNK_STAGING_DIR;
const index = readFileSync(join(dist, "index.html"), "utf8");

// `trunk serve` fills in its reload script at each request, so no hash of it holds: policy and cache stay out.
if (process.env.TRUNK_PROFILE === "release" && !index.includes("__TRUNK_ADDRESS__")) {
  write("index.html", withTrueSize(index).replace("</head>", '<link rel="serviceworker" href="sw.js"></head>'));
  readdirSync(dist).filter((name) => name.endsWith(".html")).forEach(addPolicy);
  listFilesForOffline();
} else {
  rmSync(join(dist, "sw.js"));
}

/** Trunk measures the wasm before wasm-opt: the progress bar would jump from its middle to its end. */
function withTrueSize(html) {
  return html.replace(/'([^']+_bg\.wasm)', \d+/, (_, file) => `'${file}', ${statSync(join(dist, file)).size}`);
}

/** Allows exactly the inline scripts and styles that the file holds, and its own directory. */
function addPolicy(name) {
  const html = read(name);
  const hashes = (tag) => [...html.matchAll(new RegExp(`<${tag}\\b[^>]*>(.+?)</${tag}>`, "gs"))]
    .map(([, body]) => ` 'sha256-${createHash("sha256").update(body.replaceAll("\r\n", "\n")).digest("base64")}'`)
    .join("");
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'wasm-unsafe-eval'${hashes("script")}`,
    `style-src 'self'${hashes("style")}`,
    "img-src 'self' data:",
    // A file that the visitor opens is read by the page's Web Worker, by the name that the browser gave it.
    "connect-src 'self' blob:",
    // The page starts its own program once more from a script that it makes.
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'none'",
  ].join("; ");
  const charset = '<meta charset="utf-8">';
  if (!html.includes(charset)) throw new Error(`${name} has no ${charset} to put the policy after`);
  write(name, html.replace(charset, () => `${charset}<meta http-equiv="Content-Security-Policy" content="${policy}">`));
}

/** Any change of any file changes the version, and so the worker: that is how browsers notice an update. */
function listFilesForOffline() {
  const files = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(dist.length).replace(/^[\\/]+/, "").replaceAll("\\", "/"))
    .filter((file) => !["sw.js", "404.html", ".nojekyll"].includes(file))
    .sort();
  const version = createHash("sha256");
  for (const file of files) version.update(file).update("\0").update(readFileSync(join(dist, file)));
  const release = { version: version.digest("hex").slice(0, 16), files: files.map((file) => (file === "index.html" ? "./" : file)) };
  const worker = read("sw.js");
  const filled = worker.replace(/^const RELEASE = .*$/m, () => `const RELEASE = ${JSON.stringify(release)};`);
  if (filled === worker) throw new Error("sw.js has no line `const RELEASE = …` to fill in");
  write("sw.js", filled);
}

function read(name) {
  return readFileSync(join(dist, name), "utf8");
}

function write(name, text) {
  writeFileSync(join(dist, name), text);
}
