// While the subject of a new case is written, the server says what it means: Production Down, or nearly. The rule lives
// there; without this script the same words appear once the form has been sent.
(() => {
  "use strict";

  const PAUSE = 350; // ms without a key
  const place = document.querySelector("[data-subject-check]");
  const hints = document.getElementById("subject-hints");
  const form = place?.closest("form");
  if (!form || !hints) return;
  const subject = form.elements.namedItem("subject");
  const description = form.elements.namedItem("description");
  let timer = 0;
  let asked = `${subject.value}\n${description?.value || ""}`;
  let running = null;

  async function ask() {
    const text = `${subject.value}\n${description?.value || ""}`;
    if (text === asked) return;
    asked = text;
    running?.abort();
    running = new AbortController();
    const body = new URLSearchParams({ subject: subject.value, description: (description?.value || "").slice(0, 4000) });
    try {
      const answer = await fetch(place.dataset.url, {
        method: "POST", body, signal: running.signal, headers: { "X-CSRFToken": window.portal?.csrfToken() || "" },
      });
      if (!answer.ok || answer.redirected) return;
      const html = (await answer.text()).trim();
      if (html !== hints.innerHTML.trim()) hints.innerHTML = html;
    } catch {
      // A hint that does not come is no reason to disturb somebody who writes.
    }
  }

  for (const field of [subject, description]) {
    field?.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, PAUSE);
    });
  }
})();

// Whoever says that a known incident affects them gets a subject and a description to begin with, where they have
// written none; what we filled in goes again when they choose otherwise, unless they have changed it.
(() => {
  "use strict";

  const ours = new Map();

  function fill(form, name, text) {
    const field = form.elements.namedItem(name);
    if (!field || (field.value.trim() && field.value !== ours.get(name))) return;
    if (field.value === text) return;
    field.value = text;
    ours.set(name, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("change", (event) => {
    const choice = event.target.closest?.("[data-known] input[type=radio]");
    const form = choice?.closest("[data-case-form]");
    if (!form) return;
    fill(form, "subject", choice.dataset.subject || "");
    fill(form, "description", choice.dataset.description || "");
  });

  // Coming back, a browser puts the product back without a word: then what is known of it is asked for as well.
  window.addEventListener("pageshow", () => {
    const product = document.querySelector("[data-case-form]")?.elements.namedItem("product");
    const panels = document.getElementById("filing-panels");
    if (product?.value && panels && !panels.childElementCount) {
      product.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
})();
