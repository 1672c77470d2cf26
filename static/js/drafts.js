// Drafts: a form with data-draft-url sends what is typed into it to the server, one request at a time, and says so in its
// [data-draft-status], which holds every sentence (templates/components/draft_status.html). On the form: data-draft-key and
// -version name the draft, data-draft-fields its fields. POST "key", "version", "form" and the fields → JSON {"version",
// "saved"}; 409 → JSON {"message"}: it was changed elsewhere, or sent.
(() => {
  "use strict";

  const SAVE_AFTER = 1200; // milliseconds after the last key
  const RETRY_AT_MOST = 60000;
  const OUTLIVES_THE_PAGE = 60000; // characters: what a browser still sends for a page that is going away

  const { headers, sentence } = window.portal;

  function setUp(form) {
    const note = form.querySelector("[data-draft-status]");
    if (!note || form.dataset.draftReady) return;
    form.dataset.draftReady = "true";
    const versions = new Map([[form.dataset.draftKey, form.dataset.draftVersion || "0"]]);
    const saved = new Map(); // what the server has of each draft
    const waiting = new Map(); // what it shall get
    let timer = 0;
    let sending = null; // the request on its way
    let failures = 0;
    let ended = false; // sent, or changed elsewhere: nothing more is saved from here

    function fields() {
      const sent = new FormData(form);
      const names = form.dataset.draftFields.split(" ");
      const texts = (name) => sent.getAll(name).filter((value) => typeof value === "string");
      return JSON.stringify(Object.fromEntries(names.map((name) => [name, texts(name).join(", ")])));
    }
    // What came back with errors may not have been saved before it was sent.
    if (!("draftDirty" in form.dataset)) saved.set(form.dataset.draftKey, fields());

    function body(key, text) {
      const token = form.elements.namedItem("submission_token")?.value || "";
      return new URLSearchParams({
        key, version: versions.get(key), form: token, ...JSON.parse(text), csrfmiddlewaretoken: headers(form)["X-CSRFToken"],
      });
    }

    function say(text, state) {
      // Told once: a screen reader need not hear "saved" after every pause.
      if (note.textContent !== text) note.textContent = text;
      note.dataset.state = state;
    }

    const pause = () => (failures ? Math.min(RETRY_AT_MOST, 2000 * 2 ** (failures - 1)) : SAVE_AFTER);

    function later(wait) {
      window.clearTimeout(timer);
      if (!ended) timer = window.setTimeout(save, wait);
    }

    // Note what is typed now, under the key that the form has now.
    function take() {
      const key = form.dataset.draftKey;
      const text = fields();
      if (text === saved.get(key)) waiting.delete(key);
      else waiting.set(key, text);
    }

    async function save() {
      window.clearTimeout(timer);
      timer = 0;
      if (ended) return;
      take();
      const [key, text] = waiting.entries().next().value || [];
      if (sending || !key) return;
      sending = new AbortController();
      const written = body(key, text);
      try {
        const response = await fetch(form.dataset.draftUrl, {
          method: "POST", body: written, headers: headers(form), signal: sending.signal,
          // A phone may end a page in the background at once.
          keepalive: document.visibilityState === "hidden" && written.toString().length <= OUTLIVES_THE_PAGE,
        });
        if (response.redirected || response.status === 401) stop(note.dataset.signedOut);
        else if (response.ok) {
          const answer = await response.json();
          versions.set(key, String(answer.version));
          done(key, text);
          failures = 0;
          say(answer.saved, "saved");
        } else if (response.status === 409) {
          failures = 0;
          stop((await response.json()).message, true);
        } else if (response.status === 429 || response.status >= 500) {
          again();
        } else {
          // Not this text; another one may do.
          say(await sentence(response, note.dataset.refused), "failed");
          done(key, text);
        }
      } catch {
        again();
      }
      sending = null;
      if (waiting.size && !timer) later(pause());
    }

    function done(key, text) {
      saved.set(key, text);
      if (waiting.get(key) === text) waiting.delete(key);
    }

    function again() {
      failures += 1;
      if (!ended) say(note.dataset.unsaved, "failed");
    }

    function stop(text, reload) {
      ended = true;
      say(text, "failed");
      if (!reload) return;
      const link = document.createElement("a");
      link.href = window.location.pathname + window.location.search;
      link.textContent = note.dataset.reload;
      note.append(" ", link);
    }

    const changed = () => later(pause());
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    // Chips of files come and go without an event of their own.
    const files = form.querySelector(".upload .chips");
    if (files) new MutationObserver(changed).observe(files, { childList: true });
    window.addEventListener("online", () => later(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") save();
    });
    window.addEventListener("pagehide", () => {
      if (ended) return;
      take();
      sending?.abort();
      for (const [key, text] of waiting) {
        fetch(form.dataset.draftUrl, { method: "POST", body: body(key, text), headers: headers(form), keepalive: true })
          .catch(() => {});
      }
    });
    // Asked only when something would be lost: the server cannot be reached, or the text is too long to be sent while
    // the page goes.
    window.addEventListener("beforeunload", (event) => {
      if (ended && !note.querySelector("a")) return;
      take();
      const long = [...waiting.values()].some((text) => text.length > OUTLIVES_THE_PAGE);
      if (waiting.size && (failures || long)) event.preventDefault();
    });
    // What has been sent is a draft no more, and a save on its way must not bring it back.
    form.addEventListener("submit", (event) => {
      window.setTimeout(() => {
        if (event.defaultPrevented) return;
        ended = true;
        window.clearTimeout(timer);
        sending?.abort();
      });
    });
    // Back again by the browser's Back button.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted && !note.querySelector("a")) ended = false;
    });

    // A form that writes two things has a draft of each: `change` shows the other one. `moves` says that the text comes
    // along, and is no draft of the first any more.
    form.portalDraft = {
      turnTo(key, version, change, moves) {
        take();
        if (moves) waiting.set(form.dataset.draftKey, "{}");
        if (!versions.has(key)) versions.set(key, version || "0");
        change();
        form.dataset.draftKey = key;
        if (moves) saved.delete(key);
        else if (!saved.has(key)) saved.set(key, fields());
        later(0);
      },
      say,
    };
    if ("draftDirty" in form.dataset) later(0);
  }

  const setUpAll = (root) => {
    if (root.matches?.("form[data-draft-url]")) setUp(root);
    root.querySelectorAll?.("form[data-draft-url]").forEach(setUp);
  };
  setUpAll(document);
  document.addEventListener("htmx:load", (event) => setUpAll(event.target));
})();
