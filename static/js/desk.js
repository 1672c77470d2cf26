// The desk: the queue refreshes itself and listens to the keyboard; a case's sidebar changes the page beside what is
// being written. Everything here also works by plain forms and links.
(() => {
  "use strict";

  const REFRESH_MS = 30_000;
  const queue = () => document.querySelector("[data-queue]");

  // --- Queue: refreshed while somebody looks at it ------------------------------------------------------------
  window.setInterval(() => {
    const list = queue();
    // A list that jumps under the pointer or the keyboard would be worse than one that is half a minute old.
    if (!list || document.visibilityState !== "visible" || list.querySelector("form.htmx-request")) return;
    window.htmx?.trigger(list, "desk:refresh");
  }, REFRESH_MS);
  document.addEventListener("visibilitychange", () => {
    const list = queue();
    if (list && document.visibilityState === "visible") window.htmx?.trigger(list, "desk:refresh");
  });

  // --- Single keys, which whoever speaks to their computer must be able to switch off (WCAG 2.1.4) ---------------
  const KEYS_OFF = "desk-keys-off";
  const keysAreOff = () => {
    try {
      return localStorage.getItem(KEYS_OFF) === "1";
    } catch {
      return false; // storage may be forbidden
    }
  };
  const showKeys = () => {
    for (const button of document.querySelectorAll("[data-keys-toggle]")) {
      button.setAttribute("aria-pressed", String(!keysAreOff()));
    }
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-keys-toggle]")) return;
    try {
      if (keysAreOff()) localStorage.removeItem(KEYS_OFF);
      else localStorage.setItem(KEYS_OFF, "1");
    } catch { /* the keys then stay on */ }
    showKeys();
  });
  showKeys();

  function isShortcut(event) {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    return !typing && !event.ctrlKey && !event.metaKey && !event.altKey && !keysAreOff();
  }

  // --- Queue: j, k, Enter, t ----------------------------------------------------------------------------------
  let chosen = "";
  const rows = () => [...(queue()?.querySelectorAll("tbody tr") || [])];

  function choose(row) {
    for (const other of rows()) other.classList.toggle("is-chosen", other === row);
    chosen = row?.id || "";
    row?.querySelector(".queue-subject a")?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (!queue() || !isShortcut(event)) return;
    const all = rows();
    const here = all.findIndex((row) => row.id === chosen || row.contains(document.activeElement));
    if (event.key === "j" || event.key === "k") {
      const next = event.key === "j" ? Math.min(here + 1, all.length - 1) : Math.max(here - 1, 0);
      if (all[next]) choose(all[next]);
    } else if (event.key === "t" && here >= 0) {
      all[here].querySelector("[data-take]")?.click();
    }
  });

  document.addEventListener("htmx:afterSwap", () => {
    const row = chosen && document.getElementById(chosen);
    if (row) row.classList.add("is-chosen");
  });

  // --- Case: an act that did not go through comes back with the reason ----------------------------------------
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, elt } = event.detail;
    if (!elt.closest?.("#desk-side") || ![403, 409].includes(xhr.status)) return;
    // The page itself, and not the site's page for errors.
    if (!xhr.responseText.includes('id="desk-side"')) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id !== "desk-side") return;
    const notice = document.querySelector("[data-desk-notice]");
    if (notice) {
      notice.scrollIntoView({ block: "nearest" });
      notice.focus({ preventScroll: true });
    } else {
      window.portal?.announce(document.getElementById("messages")?.innerText.trim());
    }
  });

  // --- Case: r answers, n takes a note ---------------------------------------------------------------------------
  function write(visibility) {
    const form = document.querySelector("[data-desk-composer]");
    if (!form) return;
    const mode = visibility && form.querySelector(`input[name=visibility][value=${visibility}]`);
    if (mode && !mode.checked) {
      mode.checked = true;
      // A script's choice tells nobody, and the text would stay the other mode's draft.
      mode.dispatchEvent(new Event("change", { bubbles: true }));
    }
    form.scrollIntoView({ block: "nearest" });
    form.querySelector("textarea").focus();
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-desk-reply]")) return;
    event.preventDefault();
    write("");
  });
  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event) || !["r", "n"].includes(event.key)) return;
    if (!document.querySelector("[data-desk-composer]")) return;
    event.preventDefault();
    write(event.key === "r" ? "public" : "internal");
  });

  // --- Case: an answer and a note are two texts with their files, each with its draft --------------------------------
  const composer = document.querySelector("[data-desk-composer]");
  const other = composer?.querySelector("[data-draft-other]");
  if (other) {
    const text = composer.querySelector("textarea");
    const chips = composer.querySelector(".upload .chips");
    const { draftKey, draftOtherKey, draftOtherVersion } = composer.dataset;
    let mode = composer.querySelector("[name=visibility]:checked").value;
    const modes = {
      [mode]: { key: draftKey },
      [mode === "public" ? "internal" : "public"]: {
        key: draftOtherKey,
        version: draftOtherVersion,
        text: other.content.textContent,
        files: [...composer.querySelector("[data-draft-other-files]").content.children],
      },
    };
    composer.addEventListener("change", (event) => {
      if (event.target.name !== "visibility" || event.target.value === mode) return;
      const from = modes[mode];
      const to = modes[event.target.value];
      mode = event.target.value;
      // What was begun as an answer may become a note. What was written for colleagues never becomes an answer.
      const moves = mode === "internal" && !to.text && !to.files?.length && Boolean(text.value || chips.children.length);
      composer.portalDraft?.turnTo(to.key, to.version, () => {
        if (moves) {
          Object.assign(from, { text: "", files: [] });
          return;
        }
        Object.assign(from, { text: text.value, files: [...chips.children] });
        text.value = to.text || "";
        chips.replaceChildren(...(to.files || []));
      }, moves);
      if (mode === "public" && from.text.trim()) {
        composer.portalDraft?.say(composer.querySelector("[data-draft-status]").dataset.kept, "saved");
      }
    });
  }
})();
