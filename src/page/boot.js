// What the visitor sees between the first paint and the running page. Trunk calls this with the progress of the
// download (data-initializer in index.html).

const at = (id) => document.getElementById(id);

export default function boot() {
  return {
    onProgress: ({ current, total }) => {
      at("boot-bar").value = total > 0 ? Math.min(current / total, 1) : 0;
    },
    onSuccess: () => {
      at("boot").remove();
      watchForBreaks();
      keepForOffline();
    },
    onFailure: (reason) => {
      console.error(reason);
      at("boot-progress").remove();
      at("boot-reason").textContent = String(reason);
      at("boot-failure").hidden = false;
      at("boot-reload").addEventListener("click", () => location.reload());
    },
  };
}

// After a panic, or when the engine runs out of memory, nothing of it can be relied on any more: this banner stands ready
// in the page and needs none of it. What a panic said, and at which moment, is noted on it (broken.rs).
function watchForBreaks() {
  const banner = at("broken");
  const moment = () => banner.dataset.moment || location.hash;
  const broken = (error) => {
    const deep = error instanceof RangeError && /call stack/i.test(error.message);
    if (!(error instanceof WebAssembly.RuntimeError || deep) || banner.open) return;
    at("broken-report").value = [
      banner.dataset.reason || String(error),
      `moment: ${moment()}`,
      `page: ${location.origin}${location.pathname}`,
      `browser: ${navigator.userAgent}`,
    ].join("\n");
    banner.showModal();
  };
  addEventListener("error", (event) => broken(event.error));
  addEventListener("unhandledrejection", (event) => broken(event.reason));
  at("broken-copy").addEventListener("click", () => navigator.clipboard.writeText(at("broken-report").value));
  at("broken-reload").addEventListener("click", () => {
    // The state of the entry holds every run that was made: it comes back too.
    history.replaceState(history.state, "", moment());
    location.reload();
  });
}

// A release names its service worker in the head (release.mjs). Any other build removes the one that an earlier
// release left at this address, so that nobody develops against a cache.
async function keepForOffline() {
  if (!navigator.serviceWorker || !location.protocol.startsWith("http")) return;
  const worker = document.querySelector("link[rel=serviceworker]");
  try {
    if (worker) await navigator.serviceWorker.register(worker.href);
    else await (await navigator.serviceWorker.getRegistration(document.baseURI))?.unregister();
  } catch (error) {
    console.info("Not kept for offline use:", error); // private windows and full disks: the page works without
  }
}
