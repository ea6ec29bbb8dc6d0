// After a panic, or when the engine runs out of memory, nothing of it can be relied on any more: this banner stands ready
// in the page and needs none of it. What a panic said, and at which moment, is noted on it (browser/broken.rs). It is part
// of the lab's document, and the library puts it into that of a guest (browser/outfit.rs).

{
  document.body.insertAdjacentHTML("beforeend", `
  <dialog id="broken" aria-labelledby="broken-title">
    <h2 id="broken-title">The lab has broken</h2>
    <p>
      This is a fault of the lab, not of the workflow it runs. Nothing is lost: the moment is in the address, and the lab
      comes to it again from there, with every run that you have made.
    </p>
    <p><label for="broken-report">Please send this to those who make it:</label></p>
    <textarea id="broken-report" readonly rows="6"></textarea>
    <p>
      <button type="button" class="button" id="broken-reload">Reload at this moment</button>
      <button type="button" class="button" id="broken-copy">Copy the report</button>
      <a href="./">Start from the beginning</a>
    </p>
  </dialog>`);
  const at = (id) => document.getElementById(id);
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
