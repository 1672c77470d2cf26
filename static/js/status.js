// Keeps a status page true while it is open: asks a small file whether anything has changed, and only then for the page.
// It works on the page's parts that say data-live, so that what is typed, opened or looked at stays.
(() => {
  "use strict";
  const page = document.getElementById("status-page");
  const EVERY = 15_000; // ms
  const LONGEST = 5 * 60_000; // ms between two tries when the server does not answer
  const staleAfter = Number(page.dataset.staleSeconds) * 1000;
  const base = (tag) => tag.split("-")[0];
  // The page's language, in the reader's own variety of it: 29 Nov or Nov 29, 19:03 or 7:03 PM.
  const lang = document.documentElement.lang;
  const language = navigator.languages.find((one) => base(one) === base(lang)) || lang;

  // --- The page in the language that the browser asks for, unless the reader has chosen one in this tab --------------
  const CHOSEN = "status-language";
  const chosen = (value) => {
    try {
      if (value) sessionStorage.setItem(CHOSEN, value);
      return sessionStorage.getItem(CHOSEN);
    } catch {
      return null; // storage may be forbidden
    }
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[hreflang]");
    if (link) chosen(link.hreflang);
  });

  function offerLanguage() {
    const offers = page.querySelector("[data-language-offers]");
    const links = [...(offers?.children || [])];
    // The first that there is: this page's own needs no offer.
    const isThere = (one) => one === base(lang) || links.some((link) => base(link.hreflang) === one);
    const wanted = navigator.languages.map(base).find(isThere);
    const link = links.find((one) => base(one.hreflang) === wanted);
    if (!link || chosen()) return;
    offers.hidden = link.hidden = false;
  }

  // --- Times: the page's zone without this script, the reader's with it -------------------------------------------
  const zone = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const day = { day: "numeric", month: "short", year: "numeric" };
  const forms = {
    full: new Intl.DateTimeFormat(language, { ...day, ...zone }),
    time: new Intl.DateTimeFormat(language, zone),
    day: new Intl.DateTimeFormat(language, day),
  };
  const distance = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

  function tellTimes(root) {
    for (const element of root.querySelectorAll("time[data-local]")) {
      const then = new Date(element.dateTime);
      if (Number.isNaN(then.getTime()) || element.title) continue;
      element.title = element.textContent;
      element.textContent = forms[element.dataset.local].format(then);
    }
    for (const range of root.querySelectorAll(".moments")) {
      // One day in the page's zone may be two in the reader's, and the other way round.
      const [start, end] = range.querySelectorAll("time");
      const isOneDay = forms.day.format(new Date(start.dateTime)) === forms.day.format(new Date(end.dateTime));
      end.textContent = forms[isOneDay ? "time" : "full"].format(new Date(end.dateTime));
    }
  }

  function ago(milliseconds) {
    const seconds = Math.max(Math.round(milliseconds / 1000), 0);
    if (seconds < 60) return distance.format(-seconds, "second");
    if (seconds < 3600) return distance.format(-Math.round(seconds / 60), "minute");
    return distance.format(-Math.round(seconds / 3600), "hour");
  }

  // --- What the server has confirmed -------------------------------------------------------------------------------
  // Ages count from the server's clock: the reader's may be wrong. "seen" is on this page's own clock, which only runs.
  let confirmed = null; // {asOf, age, seen}
  let change = page.dataset.change || null;
  let isStale = page.hasAttribute("data-stale");
  const cameStale = isStale;
  const served = new Map(); // id → the part as the server sent it

  const parts = (root) => [...root.querySelectorAll("[data-live]")];
  for (const part of parts(page)) served.set(part.id, part.innerHTML);

  function age() {
    if (confirmed) return confirmed.age + performance.now() - confirmed.seen;
    const shown = page.querySelector("[data-age-of]");
    if (shown) return Date.now() - Number(shown.dataset.ageOf) * 1000;
    return cameStale ? Infinity : 0;
  }

  function tellAge() {
    for (const element of page.querySelectorAll("[data-age-of]")) element.textContent = ago(age());
  }

  // --- A state that nobody confirms is not known -------------------------------------------------------------------
  function judge() {
    const wasStale = isStale;
    isStale = age() > staleAfter;
    if (isStale && !wasStale) showUnknown();
    if (!isStale && wasStale && !cameStale) restore();
  }

  function showUnknown() {
    page.setAttribute("data-stale", "");
    const text = document.getElementById("status-unknown").content.cloneNode(true);
    const asOf = text.querySelector("[data-known-as-of]");
    asOf.dateTime = (confirmed ? new Date(confirmed.asOf) : new Date(Date.now() - age())).toISOString();
    asOf.textContent = forms.full.format(new Date(asOf.dateTime));
    (document.getElementById("status-overall") || document.getElementById("status-notice")).replaceChildren(text);
    const tag = document.getElementById("status-unknown-tag").content;
    for (const state of page.querySelectorAll(".state")) {
      const bare = state.classList.contains("tag-bare");
      const unknown = tag.cloneNode(true).firstElementChild;
      unknown.classList.toggle("tag-bare", bare);
      state.replaceWith(unknown);
    }
    announce(page.dataset.saidUnknown);
  }

  function restore() {
    page.removeAttribute("data-stale");
    document.getElementById("status-notice").replaceChildren();
    for (const part of parts(page)) put(part, served.get(part.id));
  }

  // --- Changing parts in place -------------------------------------------------------------------------------------
  function put(part, html) {
    const open = new Map([...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
    const before = new Map();
    const sent = document.createElement("template");
    sent.innerHTML = served.get(part.id);
    for (const one of sent.content.querySelectorAll("details[id]")) before.set(one.id, one.open);
    const focused = part.contains(document.activeElement) ? nameOf(document.activeElement) : null;

    part.innerHTML = html;
    served.set(part.id, html);
    for (const one of part.querySelectorAll("details[id]")) {
      // What the reader folded or unfolded stays so.
      if (open.has(one.id) && open.get(one.id) !== before.get(one.id)) one.open = open.get(one.id);
    }
    tellTimes(part);
    if (focused) part.querySelector(focused)?.focus({ preventScroll: true });
  }

  function nameOf(element) {
    if (element.id) return `#${CSS.escape(element.id)}`;
    if (element.matches("a[href]")) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
    if (element.matches("summary")) return `#${CSS.escape(element.parentElement.id)} > summary`;
    return null;
  }

  async function renew() {
    // Not from a cache that has not asked: what is compared must be what is published.
    const response = await fetch(window.location.pathname, { cache: "no-cache", credentials: "omit" });
    if (!response.ok) throw new Error(String(response.status));
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const freshPage = fresh.getElementById("status-page");
    if (!freshPage) throw new Error("no status page");
    const changed = swap(freshPage);
    change = freshPage.dataset.change || null;
    page.toggleAttribute("data-stale", freshPage.hasAttribute("data-stale"));
    document.title = fresh.title;
    if (changed) announce(`${page.dataset.said} ${headline()}`);
  }

  function swap(freshPage) {
    const visible = parts(page).find((part) => part.getBoundingClientRect().bottom > 0);
    const top = visible?.getBoundingClientRect().top;
    let changed = false;
    for (const part of parts(page)) {
      const html = freshPage.querySelector(`#${CSS.escape(part.id)}`)?.innerHTML;
      if (html === undefined || html === served.get(part.id)) continue;
      put(part, html);
      // The as-of time changes every minute: that alone is no news.
      changed ||= part.id !== "status-overall";
    }
    if (visible && window.scrollY > 0) window.scrollBy({ top: visible.getBoundingClientRect().top - top, behavior: "instant" });
    tellAge();
    return changed;
  }

  function headline() {
    return page.querySelector(".status-overall-title, h1")?.textContent.trim() || "";
  }

  function announce(text) {
    window.portal?.announce(text);
  }

  // --- Asking ------------------------------------------------------------------------------------------------------
  let failures = 0;
  let timer = 0;
  let lastSeen = null;
  let again = false; // the page has no fingerprint of its own, and a cache on the way may lag by one question

  async function ask() {
    const response = await fetch(page.dataset.asOfUrl, { cache: "no-cache", credentials: "omit" });
    if (!response.ok) throw new Error(String(response.status));
    const told = await response.json();
    const date = Date.parse(response.headers.get("Date") || "");
    const now = Number.isNaN(date) ? Date.now() : date;
    confirmed = { asOf: told.as_of, age: Math.max(now - Date.parse(told.as_of), 0), seen: performance.now() };
    judge();
    if (isStale) return;
    const cameBack = page.hasAttribute("data-stale"); // it was served so: the true page is on the server
    const known = page.dataset.change ? change : lastSeen;
    if (told.change !== known || cameBack || again) {
      again = !page.dataset.change && told.change !== known;
      await renew();
    }
    lastSeen = told.change;
    showAsOf(told.as_of);
  }

  // The minute's new as-of time, without the page: only the two words that show it.
  function showAsOf(asOf) {
    for (const element of page.querySelectorAll("#status-overall time[data-local]")) {
      element.dateTime = asOf;
      element.removeAttribute("title");
      element.textContent = new Date(asOf).toUTCString();
    }
    tellTimes(page);
    tellAge();
  }

  async function tick() {
    try {
      await ask();
      failures = 0;
    } catch {
      failures += 1;
      judge();
    }
    schedule();
  }

  function schedule() {
    window.clearTimeout(timer);
    if (document.hidden) return;
    const wait = Math.min(EVERY * 2 ** failures, LONGEST);
    // Spread out, so that everybody's pages do not ask at once.
    timer = window.setTimeout(tick, wait * (0.8 + 0.4 * Math.random()));
  }

  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(timer);
    if (!document.hidden) tick();
  });
  window.setInterval(() => {
    if (document.hidden) return;
    tellAge();
    judge();
  }, 1000);

  offerLanguage();
  tellTimes(document);
  tellAge();
  timer = window.setTimeout(tick, 1000 + 2000 * Math.random());
})();
