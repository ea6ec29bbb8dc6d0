// Keeps one release for use without a network. Files with a hash in their name never change: cache first. All others
// come from the network while there is one, so that nothing old ever runs beside something new. A new release waits
// until the last tab of the old one is closed (no skipWaiting), for open tabs may still fetch old files.

const RELEASE = { version: "", files: [] }; // filled in by src/page/release.mjs

// Other pages of the same host share the cache storage: only names of this scope are ours to delete.
const OURS = `sagascope ${self.registration.scope} `;
const CACHE = OURS + RELEASE.version;
const HASHED = /-[0-9a-f]{8,16}(_bg)?\.\w+$|\/[0-9a-f]{8,16}-[^/]+$/;

self.addEventListener("install", (event) => {
  // The page has just loaded the hashed ones: the browser's own cache answers. The others are asked for again.
  const requests = RELEASE.files.map((file) => new Request(file, { cache: HASHED.test(`/${file}`) ? "default" : "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim(); // a first visit too can start workers offline
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !url.href.startsWith(self.registration.scope)) return;
  // Queries (worker.js?glue=…) do not make another file.
  const kept = () => caches.open(CACHE).then((cache) => cache.match(event.request, { ignoreSearch: true }));
  event.respondWith(HASHED.test(url.pathname)
    ? kept().then((response) => response ?? fetch(event.request))
    : fetch(event.request).catch(async () => (await kept()) ?? Response.error()));
});
