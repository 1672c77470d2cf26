// Runs before the first paint, so that a dark reader never sees a white flash. Keep it small: it blocks.
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => {
    try {
      // Django's administration keeps its choice under the same name, and has a third: "auto".
      const theme = localStorage.getItem("theme");
      return theme === "light" || theme === "dark" ? theme : null;
    } catch {
      return null; // storage may be forbidden
    }
  };
  const apply = () => {
    root.dataset.bsTheme = remembered() || (dark.matches ? "dark" : "light");
  };
  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  window.addEventListener("beforeprint", () => { root.dataset.bsTheme = "light"; });
  window.addEventListener("afterprint", apply);
  window.portalTheme = {
    toggle() {
      const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
      try {
        // Choosing what the system asks for anyway means "follow the system again".
        if (next === (dark.matches ? "dark" : "light")) localStorage.removeItem("theme");
        else localStorage.setItem("theme", next);
      } catch { /* the choice then lasts for this page */ }
      root.dataset.bsTheme = next;
    },
  };
})();
