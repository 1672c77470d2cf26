// Ways to search from anywhere: "/" goes to the header's field where the page has no search of its own (portal.js), and
// the command palette (palette.js and its style) is fetched when it is first asked for: by its button, Ctrl-K or Cmd-K.
(() => {
  "use strict";

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const field = document.querySelector("[data-site-search]");
    if (!field?.offsetParent) return;
    event.preventDefault();
    field.focus();
  });

  const button = document.querySelector("[data-palette]");
  if (!button) return;
  if (/Mac|iP/.test(navigator.platform)) {
    const keys = button.querySelector("kbd");
    keys.textContent = keys.dataset.mac;
  }

  const brought = (tag, attributes) => new Promise((done, failed) => {
    const element = Object.assign(document.createElement(tag), attributes, { onload: done, onerror: failed });
    document.head.append(element);
  });
  let coming = null;
  function fetched() {
    coming ||= Promise.all([
      brought("link", { rel: "stylesheet", href: button.dataset.paletteStyle }),
      brought("script", { src: button.dataset.palette }),
    ]);
    return coming;
  }

  async function open() {
    try {
      await fetched();
      window.portalPalette.open();
    } catch {
      coming = null;
      // Without it there is the page of the search.
      window.location.assign(button.form.action);
    }
  }

  button.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    // A browser that fills a field in tells of a key without a name.
    if (event.key?.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    // A field may have its own use for these keys, as the composer has.
    if (event.defaultPrevented) return;
    event.preventDefault();
    open();
  });
})();
