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
