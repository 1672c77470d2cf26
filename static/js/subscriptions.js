// Subscribing to the status: what the browser knows by itself, and radios that follow what is ticked.
(() => {
  "use strict";

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  for (const field of document.querySelectorAll("[data-time-zone]")) {
    if (!field.value) field.value = zone;
  }

  document.addEventListener("change", (event) => {
    const chosen = event.target.dataset?.chooses;
    if (chosen && event.target.checked) document.getElementById(chosen).checked = true;
    if (event.target.id === "scope-chosen") {
      document.querySelector(".wishes-choice")?.setAttribute("open", "");
    }
  });
})();
