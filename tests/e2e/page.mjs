// The lab in a visitor's words, for the tests to speak in. Everything is found by role, label or data-testid, never by
// class, so that the looks can change.

import { equal, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

// The pages that are visited: the lab's own, and that of a guest of the library.
const SITES = {
  lab: { dist: new URL("../../dist", import.meta.url).pathname, base: "/sagascope/", sign: 'rel="serviceworker"', built: "./dev build" },
  guest: { dist: new URL("../guest/dist", import.meta.url).pathname, base: "/", sign: "<title>Travel desk", built: "./dev guest" },
};
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// Each scenario is played so often, on a processor slowed down so many times: `TIMES=50 SLOWED=4 ./dev e2e ...`.
const TIMES = Number(process.env.TIMES ?? 1);
const SLOWED = Number(process.env.SLOWED ?? 1);
const PATIENCE = 10_000; // ms for anything to appear; the machine may be busy

const servers = {};
let browser;

/** What serves a site, from the first visitor on. */
function serverOf(site) {
  servers[site] ??= (() => {
    const { dist, base, sign, built } = SITES[site];
    const index = join(dist, "index.html");
    ok(existsSync(index) && readFileSync(index, "utf8").includes(sign), `${dist} holds no page to test: ${built}`);
    return serve(dist, base);
  })();
  return servers[site];
}

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
  for (const server of Object.values(servers)) (await server).close();
});

/**
 * A test with a fresh visitor. It fails too if the page reported any problem meanwhile; a test that provokes one calls
 * `lab.expectProblem(regex)`. Options: `site` ("lab" or "guest"), `patience` (ms for anything to appear), `width`,
 * `height`, `theme` ("dark" or "light"), `calm` (reduced motion), and `newcomer` for one who has never been here: all others
 * have, and are not shown the first scene.
 */
export function scenario(name, options, play) {
  if (typeof options === "function") return scenario(name, {}, options);
  for (let n = 1; n <= TIMES; n++) {
    test(TIMES > 1 ? `${name} (${n})` : name, { timeout: 12 * (options.patience ?? PATIENCE) * SLOWED }, async (t) => {
      const lab = await Lab.visit(options, t);
      try {
        await play(lab, t);
        lab.assertNoProblems();
      } finally {
        await lab.leave();
      }
    });
  }
}

export class Lab {
  static async visit(
    { site = "lab", patience = PATIENCE, width = 1280, height = 800, theme = "dark", calm = false, newcomer = false } = {},
    t,
  ) {
    const server = await serverOf(site);
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: calm ? "reduce" : "no-preference",
    });
    context.setDefaultTimeout(patience * SLOWED);
    // Pages of no origin, such as the blank one, store nothing.
    if (!newcomer) await context.addInitScript(() => location.origin !== "null" && localStorage.setItem("sagascope.met", "yes"));
    const page = await context.newPage();
    if (SLOWED > 1) {
      const devtools = await context.newCDPSession(page);
      await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWED });
    }
    return new Lab(server, context, page, patience * SLOWED, t);
  }

  constructor(server, context, page, patience, t) {
    this.server = server;
    this.patience = patience;
    this.context = context;
    /** Playwright's own page, for what has no word here yet. */
    this.page = page;
    this.t = t;
    this.problems = [];
    this.expected = [];
    this.requested = [];
    this.begin = this.server.log.length;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.problems.push(`console ${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.problems.push(`uncaught: ${error.message}`));
    page.on("requestfailed", (request) => {
      // What the visitor's own leaving cuts off (the favicon, mostly) is no problem of the page's.
      const why = request.failure()?.errorText;
      if (why !== "net::ERR_ABORTED") this.problems.push(`failed: ${request.url()}: ${why}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) this.problems.push(`status ${response.status()}: ${response.url()}`);
    });
    context.on("request", (request) => this.requested.push(request.url()));
  }

  async leave() {
    this.server.edits.clear();
    await this.context.close();
  }

  // ------------------------------------------------------------------------------------------------------- going

  /** Opens the lab, at an address within it if given: `open("#/order")`, `open("order")`. */
  async open(story = "") {
    const route = story === "" || story.startsWith("#") ? story : `#/${story}`;
    await this.page.goto(this.server.url + route);
    await this.ready();
  }

  /** Where the lab is served. */
  url() {
    return this.server.url;
  }

  /** Any path of the same host; for what lies outside the lab. */
  goto(path) {
    return this.page.goto(this.server.origin + path);
  }

  async reload() {
    await this.page.reload();
    await this.ready();
  }

  /** The static page has made way for the running one, which has read the address, and the run is worked out. */
  async ready() {
    await this.page.locator("#boot").waitFor({ state: "detached" });
    // The page marks every entry of the browser's history that it has read.
    await this.until(() => this.page.evaluate(() => history.state !== null), "the address was never read");
    await this.page.locator('main[aria-busy="false"]').waitFor();
  }

  /** The part of the address that names the moment. */
  address() {
    return new URL(this.page.url()).hash;
  }

  // ------------------------------------------------------------------------------------------------------- doing

  /** A key as Playwright names it: "ArrowRight", "Shift+K", " ". */
  press(key) {
    return this.page.keyboard.press(key);
  }

  type(text) {
    return this.page.keyboard.type(text);
  }

  /** A button, link, tab or anything else with this accessible name. */
  async click(name, role = "button") {
    await this.page.getByRole(role, { name }).click();
  }

  /** An option of the list with this label. */
  async choose(label, option) {
    await this.page.getByLabel(label).selectOption(option);
  }

  async fill(label, text) {
    await this.page.getByLabel(label).fill(text);
  }

  /** Another story, by its title, from the list in the top strip. */
  async pickStory(title) {
    await this.page.getByRole("button", { name: /^Story:/ }).click();
    await this.page.locator("#stories .story").filter({ has: this.page.getByText(title, { exact: true }) }).first().click();
    await this.until(async () => (await this.story()) === title, `${title} never came`);
  }

  /** Presses → until the sentence of the step matches. */
  async stepTo(what) {
    for (let { step, last } = await this.place(); step < last; step++) {
      await this.press("ArrowRight");
      if (what.test(await this.happened())) return;
    }
    throw new Error(`no step from here on says ${what}`);
  }

  /** Lets another future begin with a click on "kill A" or "restart B", and waits for it. */
  async act(deed) {
    // The address may still be about to say which step is shown: only what is done in it counts.
    const done = () => /[?&]do=([^&]*)/.exec(this.address())?.[1];
    const before = done();
    await this.click(deed);
    await this.until(() => done() !== before, `nothing came of ${deed}`);
  }

  /** Gives the window another size, and the page a frame or two to follow. */
  async resize(width, height) {
    await this.page.setViewportSize({ width, height });
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));
  }

  // ----------------------------------------------------------------------------------------------------- reading

  /** The title of the story shown. */
  async story() {
    return (await this.page.getByRole("button", { name: /^Story:/ }).innerText()).trim();
  }

  /** A part of the page by its name: "Now", "World", "Attempts", "Event history". */
  part(name) {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** Where the cursor stands: `{ step, last }`. */
  async place() {
    const [, step, last] = /Step (\d+) of (\d+)/.exec(await this.part("Now").innerText());
    return { step: Number(step), last: Number(last) };
  }

  /** The sentence of the last step. */
  happened() {
    return this.part("Now").getByRole("paragraph").first().innerText();
  }

  /** The sentence that says what the run waits for. */
  async waiting() {
    return (await this.part("Now").getByRole("status").first().innerText()).replaceAll("\n", " ");
  }

  /** How many events the history shows. */
  events() {
    return this.part("Events").getByRole("option", { name: /^Event \d+,/ }).count();
  }

  /** Opens a tab of the drawer: "Event", "Attempts", "State", "World", "What changed", "Findings", "Compare". */
  async tab(name) {
    await this.page.getByRole("tab", { name, exact: true }).click();
    return this.part(name);
  }

  /** A fact of the outside world: `fact("customer charged")`. */
  async fact(label) {
    await this.tab("World");
    return this.part("World").getByRole("term").filter({ hasText: label }).locator("xpath=following-sibling::*[1]").innerText();
  }

  /** A line of the workflow's source, with its mark and its note. */
  line(number) {
    return this.page.getByRole("list", { name: "Source text" }).getByRole("listitem").nth(number - 1).innerText();
  }

  /** The timelines, in their order: `{ name, shown }`. */
  branches() {
    return this.page.getByRole("navigation", { name: "Timelines" }).locator("button[aria-pressed]").evaluateAll((chips) =>
      chips.map((chip) => ({ name: chip.textContent.trim(), shown: chip.getAttribute("aria-pressed") === "true" })));
  }

  /** Waits until the future of that name is the one shown. */
  async shows(name) {
    await this.until(async () => (await this.branches()).some((it) => it.shown && name.test(it.name)), `${name} is not shown`);
  }

  /** Waits until the address holds this moment. It follows a little late. */
  async addressed(part) {
    await this.until(() => this.address().includes(part), `the address never held ${part}`);
  }

  /** Waits until this step of this story is shown. */
  async standsAt(title, step) {
    const seen = async () => `${await this.story()}, step ${(await this.place()).step}`;
    await this.until(async () => (await seen()) === `${title}, step ${step}`, `never at step ${step} of ${title}`);
  }

  /** Waits until the address, the step and the future shown tell of the same moment. */
  async agrees() {
    const told = async () => {
      const [, at] = /[?&]at=(\d+)/.exec(this.address()) ?? [];
      const [, deed] = /[?&]do=(?:\d+:\w+:\w+,)*(\d+):/.exec(this.address()) ?? [];
      const { name } = (await this.branches()).find(({ shown }) => shown);
      const [, shown] = / at (\d+)/.exec(name) ?? [];
      return at === String((await this.place()).step) && deed === shown;
    };
    await this.ready();
    await this.until(told, `${this.address()} is not what is shown`);
  }

  /** What the page complains about; "" if it does not. */
  async complaint() {
    return (await this.page.locator("[role=alert]").allInnerTexts()).join(" ").trim();
  }

  /** Waits until this text, or this match, is visible; within the element of a test id if given. */
  async see(text, testid) {
    const where = testid ? this.page.getByTestId(testid) : this.page;
    await where.getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** Waits until no such text is visible. */
  async gone(text, testid) {
    const where = testid ? this.page.getByTestId(testid) : this.page;
    await where.getByText(text).filter({ visible: true }).first().waitFor({ state: "hidden" });
  }

  /** Waits for what no locator can see. */
  async until(condition, complaint = `never: ${condition}`) {
    for (const end = Date.now() + this.patience; !(await condition()); await this.page.waitForTimeout(50)) {
      ok(Date.now() < end, complaint);
    }
  }

  /** Makes the page panic at the next key, and presses it; the banner that comes of it. */
  async breakOnPurpose() {
    this.expectProblem(/panicked|unreachable|RuntimeError|broken on purpose/);
    await this.page.evaluate(() => {
      Node.prototype.cloneNode = () => {
        throw new Error("broken on purpose");
      };
    });
    await this.press("2");
    const banner = this.page.getByRole("dialog", { name: "The lab has broken" });
    await banner.waitFor();
    return banner;
  }

  /** The title of the tab, which is a little late. */
  async titled(title) {
    await this.until(async () => title.test(await this.page.title()), `never titled ${title}`);
  }

  /** The visible text of the element with this test id. */
  read(testid) {
    return this.page.getByTestId(testid).innerText();
  }

  /** How many elements have this test id. */
  count(testid) {
    return this.page.getByTestId(testid).count();
  }

  /** The accessible name of what has the keyboard. */
  focused() {
    return this.page.evaluate(() => {
      const it = document.activeElement;
      return it?.getAttribute("aria-label") ?? it?.textContent?.trim() ?? "";
    });
  }

  // ---------------------------------------------------------------------------------------------------- the line

  offline() {
    return this.context.setOffline(true);
  }

  online() {
    return this.context.setOffline(false);
  }

  /** Waits until the service worker holds all it needs. */
  async kept() {
    await this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
  }

  /** From now on the server has another release: one with this title. */
  release(title) {
    this.server.edits.set("index.html", (text) => text.replace(/<title>[^<]*/, `<title>${title}`));
    this.server.edits.set("sw.js", (text) => text.replace(/"version":"/, "$&next-"));
  }

  /** What the server sent since this visitor came: one `{ path, status, bytes }` an answer. */
  traffic() {
    return this.server.log.slice(this.begin);
  }

  /** Addresses asked for outside the lab. */
  strays() {
    return this.requested.filter((url) => !url.startsWith(this.server.url) && !/^(data|blob):/.test(url));
  }

  // ---------------------------------------------------------------------------------------------------- judging

  /** From the next opening on the browser notes each task that keeps the page from answering for more than 50 ms. */
  async watchTasks() {
    await this.page.addInitScript(() => {
      window.longTasks = [];
      new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "longtask" });
    });
  }

  /** How long such tasks have taken since the last look, in ms; the longest first. */
  async longTasks() {
    await this.page.waitForTimeout(200); // the observer tells late
    const long = await this.page.evaluate(() => window.longTasks.splice(0));
    return long.map(Math.round).sort((a, b) => b - a);
  }

  /** This problem is the point of the test. */
  expectProblem(pattern) {
    this.expected.push(pattern);
  }

  assertNoProblems() {
    const left = this.problems.filter((problem) => !this.expected.some((pattern) => pattern.test(problem)));
    equal(left.join("\n"), "", "the page reported problems");
  }

  /** Nothing is cut off at the right. */
  async assertNoSidewaysScroll() {
    const [scroll, client] = await this.page.evaluate(() => {
      const root = document.documentElement;
      return [root.scrollWidth, root.clientWidth];
    });
    ok(scroll <= client, `the page is ${scroll} px wide in a window of ${client} px`);
  }

  /**
   * Whoever wants to press, read or type something can: each control is in the window or can be scrolled there by hand, with
   * nothing lying on it; and no panel cuts off what is in it.
   */
  async assertNothingOutOfReach() {
    const lost = await this.page.evaluate(() => {
      const told = (it) => `${it.tagName.toLowerCase()}.${it.getAttribute("class") ?? ""} “${(it.getAttribute("aria-label") ?? it.textContent).trim().slice(0, 40)}”`;
      const shown = (it) => it.checkVisibility({ visibilityProperty: true }) && !it.closest(".sr-only, [aria-hidden=true]");
      const hides = (overflow) => overflow === "hidden" || overflow === "clip";
      const problems = [];
      // What is drawn in the time picture has tests of its own.
      const controls = [...document.querySelectorAll(":is(button, a[href], input, select, textarea, [tabindex], [role=option]):not(svg *)")];
      for (const it of controls.filter(shown)) {
        it.scrollIntoView({ block: "nearest", inline: "nearest" });
        let { left, right, top, bottom } = it.getBoundingClientRect();
        for (let up = it.parentElement; up && up !== document.documentElement; up = up.parentElement) {
          const style = getComputedStyle(up);
          if (style.overflowX !== "visible") {
            const around = up.getBoundingClientRect();
            [left, right] = [Math.max(left, around.left), Math.min(right, around.right)];
            [top, bottom] = [Math.max(top, around.top), Math.min(bottom, around.bottom)];
          }
          // A script can scroll what hides its overflow; a hand cannot.
          if ((hides(style.overflowX) && up.scrollLeft) || (hides(style.overflowY) && up.scrollTop)) {
            problems.push(`${told(it)} is hidden by ${told(up)}`);
            up.scrollTo(0, 0);
          }
        }
        [left, right] = [Math.max(left, 0), Math.min(right, innerWidth)];
        [top, bottom] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
        if (right - left < 1 || bottom - top < 1) {
          problems.push(`${told(it)} is outside the window`);
          continue;
        }
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const its = hit && (it.contains(hit) || (hit.tagName === "LABEL" && hit.contains(it)));
        if (!its) problems.push(`${told(it)} is covered by ${hit ? told(hit) : "nothing"}`);
      }
      for (const it of document.querySelectorAll("body *:not(svg, svg *)")) {
        if (!shown(it) || it.clientHeight < 2) continue;
        const style = getComputedStyle(it);
        if (hides(style.overflowY) && it.scrollHeight > it.clientHeight + 3) problems.push(`${told(it)} is cut at the bottom`);
        const ellipsis = style.textOverflow === "ellipsis";
        if (hides(style.overflowX) && it.scrollWidth > it.clientWidth + 3 && !ellipsis) problems.push(`${told(it)} is cut at the right`);
      }
      scrollTo(0, 0);
      return problems;
    });
    const size = this.page.viewportSize();
    equal(lost.join("\n"), "", `out of reach at ${size.width} × ${size.height}`);
  }

  /** No axe rule is broken, as the page stands now. */
  async assertAccessible() {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(() => window.axe.run());
    const told = violations.map(({ id, help, nodes }) =>
      [`${id}: ${help}`, ...nodes.map((node) => `  ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\n", " ")}`)].join("\n"));
    equal(told.join("\n"), "", "axe found violations");
  }
}
