// What every page shares. Each part finds its elements by data attributes and works on content that htmx brings later.
(() => {
  "use strict";

  const csrfToken = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";
  // Of a request by script for what a form writes.
  const headers = (form) => ({
    "X-CSRFToken": form?.elements.namedItem("csrfmiddlewaretoken")?.value || csrfToken(),
    "X-Requested-With": "XMLHttpRequest",
  });

  // A server's refusal is one plain sentence; anything else (a page, a stack of text) is not for people.
  async function sentence(response, otherwise) {
    const text = response.status < 500 ? await response.text() : "";
    return text && text.length < 300 && !text.includes("<") ? text : otherwise;
  }

  // First of all: what other scripts need does not wait for the rest.
  window.portal = { announce, csrfToken, headers, sentence };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;

    if (target.closest("[data-theme-toggle]")) window.portalTheme.toggle();

    const menuButton = target.closest("[data-menu-toggle]");
    if (menuButton) {
      const menu = document.getElementById(menuButton.getAttribute("aria-controls"));
      const open = menu.classList.toggle("is-open");
      menuButton.setAttribute("aria-expanded", String(open));
    }

    const dismiss = target.closest("[data-dismiss]");
    if (dismiss) {
      dismiss.closest(dismiss.dataset.dismiss)?.remove();
      document.getElementById(dismiss.dataset.focus)?.focus();
    }

    const closer = target.closest("[data-close-details]");
    if (closer) {
      const details = closer.closest("details");
      details.open = false;
      details.querySelector("summary")?.focus();
    }

    const printer = target.closest("[data-print]");
    if (printer) window.print();

    const copier = target.closest("[data-copy]");
    if (copier) copy(copier);

    const tab = target.closest("[data-md-tab]");
    if (tab) showMarkdownTab(tab);

    for (const open of document.querySelectorAll("details.menu[open]")) {
      if (!open.contains(target)) open.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const open of document.querySelectorAll("details.menu[open]")) {
        open.open = false;
        open.querySelector("summary").focus();
      }
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches?.("textarea")) {
      event.target.form?.requestSubmit();
    }
    const tabs = event.target.closest?.("[role=tablist]");
    if (tabs && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const all = [...tabs.querySelectorAll("[role=tab]")];
      const step = event.key === "ArrowRight" ? 1 : -1;
      const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
      next.focus();
      next.click();
    }
  });

  // "/" goes to the page's search, as people know it from elsewhere.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.querySelector("[data-page-search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  });

  // A second click on a slow connection sends nothing twice. The server guards as well; this only shows it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    window.setTimeout(() => {
      if (!event.defaultPrevented) form.setAttribute("aria-busy", "true");
    });
  });
  // Coming back with the browser's Back button finds the form usable again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
  });

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches?.("[data-autosubmit]")) field.form.requestSubmit();
  });

  // --- Moments: a page that caches keep says the day; the reader is told how long ago, in their language and zone ----
  const language = document.documentElement.lang || undefined;
  const distance = new Intl.RelativeTimeFormat(language, { style: "short" });
  const now = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(0, "second");
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
  const steps = [["minute", 60], ["hour", 3600], ["day", 86400]];

  function tellMoment(element) {
    const then = new Date(element.dateTime);
    if (Number.isNaN(then.getTime())) return;
    element.title = moment.format(then);
    const seconds = (then - Date.now()) / 1000;
    // Beyond a month the day says more than a distance.
    if (Math.abs(seconds) > 30 * 86400) return;
    const step = steps.findLast(([, length]) => Math.abs(seconds) >= length);
    element.textContent = step ? distance.format(Math.trunc(seconds / step[1]), step[0]) : now;
  }

  function tellMoments(root) {
    for (const element of root.querySelectorAll("time[data-relative]")) tellMoment(element);
  }
  tellMoments(document);
  window.setInterval(() => { if (!document.hidden) tellMoments(document); }, 60_000);
  document.addEventListener("htmx:load", (event) => tellMoments(event.detail.elt));

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.innerText.trim());
      const label = button.querySelector("[data-copy-label]") || button;
      const before = label.textContent;
      label.textContent = button.dataset.copied;
      window.setTimeout(() => { label.textContent = before; }, 2000);
    } catch {
      window.getSelection().selectAllChildren(source);
    }
  }

  // --- Markdown field: Write and Preview -----------------------------------------------------------------------
  function showMarkdownTab(tab) {
    const field = tab.closest("[data-md]");
    const preview = field.querySelector("[data-md-preview]");
    const textarea = field.querySelector("textarea");
    const writing = tab.dataset.mdTab === "write";
    for (const other of field.querySelectorAll("[data-md-tab]")) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    textarea.hidden = !writing;
    preview.hidden = writing;
    if (writing) textarea.focus();
  }

  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters, headers, verb } = event.detail;
    if (elt.dataset.mdTab === "preview") {
      // Only the text goes to the server, under the one name that the preview address knows.
      const text = elt.closest("[data-md]").querySelector("textarea").value;
      for (const name of Object.keys(parameters)) delete parameters[name];
      parameters.text = text;
    }
    if (verb !== "get" && !headers["X-CSRFToken"]) headers["X-CSRFToken"] = csrfToken();
  });

  // A form that comes back with errors (422) replaces itself just as a good answer would.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    // The server's own words for what went wrong (portal.errors) go where the page shows messages.
    if (event.detail.xhr.status >= 400 && event.detail.xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
      takeBack.get(event.detail.requestConfig.elt)?.();
    }
    // The session has ended: the sign-in page is no part of this one. Loading the page anew leads there and back.
    const answered = event.detail.xhr.responseURL;
    if (answered && new URL(answered).pathname.startsWith("/accounts/login/")) {
      event.detail.shouldSwap = false;
      window.location.reload();
    }
  });

  // --- Requests of htmx: shown while they last, sent once, taken back when they fail ------------------------------------
  const running = new Set();
  const takeBack = new WeakMap();
  let slow = 0;

  // A second press while the first is on its way would be queued, and done as well.
  document.addEventListener("htmx:confirm", (event) => {
    if (event.detail.verb !== "get" && running.has(event.detail.elt)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, requestConfig } = event.detail;
    running.add(elt);
    target?.setAttribute("aria-busy", "true");
    // What refreshes itself is nobody's wait.
    if (requestConfig.triggeringEvent?.isTrusted && !slow) {
      slow = window.setTimeout(() => { document.documentElement.dataset.loading = ""; }, 200);
    }
    if (elt.matches("button[aria-pressed][hx-post]")) press(elt);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    running.delete(event.detail.elt);
    event.detail.target?.removeAttribute("aria-busy");
    if (running.size) return;
    window.clearTimeout(slow);
    slow = 0;
    delete document.documentElement.dataset.loading;
  });

  // A vote or a bookmark shows at once; the server's answer replaces it.
  function press(button) {
    const step = button.getAttribute("aria-pressed") === "true" ? -1 : 1;
    const count = button.querySelector("[data-optimistic-count]");
    const before = count?.textContent;
    button.setAttribute("aria-pressed", String(step > 0));
    if (/^\d+$/.test(before?.trim())) count.textContent = String(Number(before) + step);
    takeBack.set(button, () => {
      button.setAttribute("aria-pressed", String(step < 0));
      if (count) count.textContent = before;
    });
  }

  function failed(event, text) {
    takeBack.get(event.detail.elt)?.();
    tell(text);
  }
  // What had the focus may be replaced by what comes: the focus then stays at its place, and Tab goes on from there.
  let left = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    left = event.detail.target.contains(document.activeElement) ? event.detail.target : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const place = left && (left.isConnected ? left : document.getElementById(left.id));
    left = null;
    if (!place || document.activeElement !== document.body) return;
    if (!place.matches("a, button, input, select, textarea, summary, [tabindex]")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
  });

  document.addEventListener("htmx:sendError", (event) => failed(event, document.body.dataset.offline));
  document.addEventListener("htmx:timeout", (event) => failed(event, document.body.dataset.offline));
  document.addEventListener("htmx:responseError", (event) => failed(event, document.body.dataset.failed));

  // Say it where the page shows messages; once, however often it happens.
  function tell(text) {
    const place = document.getElementById("messages");
    if (!place || !text) return;
    place.querySelector("[data-told]")?.remove();
    const message = document.createElement("div");
    message.className = "callout callout-message callout-danger";
    message.dataset.told = "";
    const words = document.createElement("div");
    words.className = "callout-body";
    words.textContent = text;
    message.append(words);
    place.append(message);
  }

  function announce(text) {
    const region = document.getElementById("announcements");
    if (region && text) {
      region.textContent = "";
      window.setTimeout(() => { region.textContent = text; }, 50);
    }
  }

  // On a phone the account's places scroll sideways: where we are is in sight.
  document.querySelector(".account-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // --- Forms: what is wrong takes the focus, so that a keyboard or a screen reader starts where the work is --------
  function showProblems(root) {
    const summary = root.querySelector?.("[data-error-summary]");
    if (summary) {
      // A details that hides the form would hide what is wrong with it.
      summary.closest("details")?.setAttribute("open", "");
      summary.focus();
    }
    return summary;
  }
  // Links of a summary lead to the control itself, also when it stands in something folded.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-error-summary] a[href^='#']");
    const control = link && document.getElementById(link.hash.slice(1));
    if (!control) return;
    event.preventDefault();
    for (let one = control.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
    (document.querySelector(`label[for="${CSS.escape(control.id)}"]`) || control).scrollIntoView({ block: "nearest" });
    control.focus({ preventScroll: control.type !== "hidden" });
  });
  const wrong = showProblems(document) || document.querySelector("[aria-invalid=true]");
  if (document.activeElement !== wrong) wrong?.focus();
  if (wrong && window.location.hash) {
    // The address names another place, which the browser shows once it has drawn the page: what has the focus goes first.
    const show = () => { if (document.activeElement === wrong) wrong.scrollIntoView({ block: "nearest" }); };
    window.addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(show)));
  }
  document.addEventListener("htmx:load", (event) => showProblems(event.detail.elt));

  // How much of a limit is used, once it matters. The server counts characters, and a new line as two.
  document.addEventListener("input", (event) => {
    const control = event.target;
    const counter = control.tagName === "TEXTAREA" && control.id
      && document.querySelector(`[data-count-for="${CSS.escape(control.id)}"]`);
    if (!counter) return;
    const limit = Number(counter.dataset.limit);
    const used = [...control.value].length + control.value.split("\n").length - 1;
    const number = new Intl.NumberFormat(language);
    const { words } = counter.dataset;
    counter.textContent = used < limit * 0.8 ? ""
      : words.replace("{used}", number.format(used)).replace("{limit}", number.format(limit));
    counter.classList.toggle("is-over", used > limit);
  });
})();
