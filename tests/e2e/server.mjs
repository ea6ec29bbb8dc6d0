// Serves a directory under a base path as GitHub Pages does: gzip, ten minutes of cache, ETags, a 404 page, no headers
// to speak of. Counts what goes over the wire.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * Starts on a free loopback port. `log` grows by `{ path, status, bytes }` for each answer; `edits` holds functions that
 * change the text of a file on its way out, by name.
 */
export async function serve(root, base) {
  const log = [];
  const edits = new Map();
  const packed = new Map();

  function answer(request, path) {
    // Browsers ask for it by themselves where a page names its icon late.
    if (path === "/favicon.ico") return { status: 204 };
    if (`${path}/` === base) return { status: 301, headers: { location: base } };
    const inside = path.startsWith(base) ? normalize(path.slice(base.length)) : "..";
    if (inside.startsWith("..")) return { status: 404 };
    const wanted = join(root, inside === "." || inside.endsWith("/") ? `${inside}/index.html` : inside);
    const found = statSync(wanted, { throwIfNoEntry: false })?.isFile();
    const file = found ? wanted : join(root, "404.html");
    if (!statSync(file, { throwIfNoEntry: false })) return { status: 404 };
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    const edit = edits.get(file.slice(root.length + 1));
    const raw = edit ? Buffer.from(edit(readFileSync(file, "utf8"))) : readFileSync(file);
    const etag = `"${createHash("sha256").update(raw).digest("hex").slice(0, 32)}"`;
    const headers = { "content-type": type, "cache-control": "max-age=600", etag, vary: "accept-encoding" };
    if (found && request.headers["if-none-match"] === etag) return { status: 304, headers };
    if (!type.startsWith("application/octet") && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) {
      if (!packed.has(etag)) packed.set(etag, gzipSync(raw));
      headers["content-encoding"] = "gzip";
      return { status: found ? 200 : 404, headers, body: packed.get(etag) };
    }
    return { status: found ? 200 : 404, headers, body: raw };
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const { status, headers = {}, body = Buffer.alloc(0) } = answer(request, path);
    log.push({ path, status, bytes: body.length });
    response.writeHead(status, { ...headers, "content-length": body.length });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    url: origin + base,
    log,
    edits,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
