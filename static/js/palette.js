// The command palette: a field over a list that the server draws. find.js fetches it when it is first asked for.
(() => {
  "use strict";

  const PAUSE = 120; // ms without a key
  document.body.append(document.getElementById("palette-frame").content.cloneNode(true));
  const dialog = document.getElementById("palette");
  const field = dialog.querySelector("[role=combobox]");
  const results = dialog.querySelector("[data-palette-results]");
  const said = dialog.querySelector("[data-palette-said]");
  let active = null;
  let asked = null; // what the server was asked last
  let shown = null; // what the list answers
  let running = null;
  let timer = 0;

  const options = () => [...results.querySelectorAll("[role=option]")];

  function choose(option) {
    active?.setAttribute("aria-selected", "false");
    active = option || null;
    if (active) {
      active.setAttribute("aria-selected", "true");
      field.setAttribute("aria-activedescendant", active.id);
      active.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    const q = field.value.trim();
    if (q === asked) return;
    asked = q;
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(`${dialog.dataset.url}?${new URLSearchParams({ q })}`, { signal: running.signal });
      // Another page in its place (a second factor to set up first) is no list.
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      results.innerHTML = await answer.text();
      shown = q;
      options().forEach((option, number) => { option.id = `palette-${number}`; });
      results.scrollTop = 0;
      choose(options()[0]);
      said.textContent = results.firstElementChild.dataset.said;
    } catch (error) {
      if (error.name === "AbortError") return; // a later question is on its way
      asked = null;
      said.textContent = dialog.dataset.failed;
    }
  }

  field.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = options();
    if (step && all.length) {
      event.preventDefault();
      choose(all[(all.indexOf(active) + step + all.length) % all.length]);
    }
    // What is typed and not yet answered goes to the page of the search, as the form says.
    if (event.key === "Enter" && active && shown === field.value.trim()) {
      event.preventDefault();
      if (active.href && (event.ctrlKey || event.metaKey)) window.open(active.href);
      else active.click();
    }
  });

  results.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== active) choose(option);
  });

  dialog.addEventListener("click", (event) => {
    const { target } = event;
    if (target === dialog || target.closest("[role=option], [data-palette-close]")) dialog.close();
  });

  // A page that Back brings again shows no palette.
  window.addEventListener("pagehide", () => dialog.close());

  window.portalPalette = {
    open() {
      if (dialog.open) return dialog.close();
      dialog.showModal();
      field.focus();
      field.select();
      asked = null;
      return ask();
    },
  };
})();
