// The status console: finds components by name, and offers a text for the status that was chosen. Without it the whole
// list and an empty text do.
(() => {
  "use strict";

  // --- Components: only those whose name or region has the words ------------------------------------------------
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-console-filter]")) return;
    const picker = field.closest("[data-console-picker]");
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    for (const group of picker.querySelectorAll("[data-console-group]")) {
      let shown = 0;
      for (const pick of group.querySelectorAll("[data-console-pick]")) {
        const name = plain(pick.querySelector(".console-pick-name").textContent);
        // What is chosen stays in sight: it will be published.
        pick.hidden = !pick.querySelector("input").checked && !words.every((word) => name.includes(word));
        if (!pick.hidden) shown += 1;
      }
      group.hidden = shown === 0;
    }
  });

  // Enter in the filter would send the form.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("[data-console-filter]")) event.preventDefault();
  });

  // --- A slip does not lose what was typed: the browser asks before the page is left --------------------------------
  // What comes back as a preview, or with errors, was typed before.
  let isUnsent = document.querySelector(".console-form :is(#notice > *, .is-invalid)") !== null;
  document.addEventListener("input", (event) => {
    if (event.isTrusted && event.target.matches?.(".console-form :is(textarea, input:not([data-console-filter]))")) isUnsent = true;
  });
  document.addEventListener("submit", (event) => {
    window.setTimeout(() => { if (!event.defaultPrevented) isUnsent = false; });
  });
  window.addEventListener("beforeunload", (event) => { if (isUnsent) event.preventDefault(); });

  // --- A text for the chosen status, as long as nobody has written one ------------------------------------------
  for (const form of document.querySelectorAll("[data-console-update]")) {
    const body = form.querySelector("textarea[name=body]");
    const texts = new Map(
      [...form.querySelectorAll("[data-console-prepared]")].map((one) => [one.dataset.consolePrepared, one.value]),
    );
    const isOurs = () => body.value.trim() === "" || [...texts.values()].includes(body.value);
    const offer = () => {
      const chosen = form.querySelector("input[name=status]:checked")?.value;
      if (isOurs()) body.value = texts.get(chosen) ?? "";
    };
    form.addEventListener("change", (event) => { if (event.target.name === "status") offer(); });
    offer();
  }
})();
