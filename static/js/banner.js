// The notice of an incident on every page: who put it away does not see it again, unless another one begins.
(() => {
  "use strict";
  const banner = document.getElementById("status-banner");
  const KEY = "status-banner-away";
  let away = "";
  try {
    away = localStorage.getItem(KEY) || "";
  } catch { /* storage may be forbidden: then it lasts for this page */ }
  if (away === banner.dataset.incident) {
    banner.remove();
    return;
  }
  banner.querySelector("[data-banner-dismiss]").addEventListener("click", () => {
    try {
      localStorage.setItem(KEY, banner.dataset.incident);
    } catch { /* as above */ }
    banner.remove();
    document.getElementById("main")?.focus({ preventScroll: true });
  });
})();
