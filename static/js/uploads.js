// Drag and drop, progress and removal over a plain <input type="file" multiple>. Without this script the files go with
// the form itself and are staged there. Each file is posted to data-upload-url as "file"; the answer is HTML: the chip
// that holds <input type="hidden" name="uploads" value="TOKEN">, or, with a 4xx status, the sentence that says why not.
(() => {
  "use strict";

  const TOO_BIG = "tooBig";

  function setUp(field) {
    if (field.dataset.ready) return;
    field.dataset.ready = "true";
    const input = field.querySelector("input[type=file]");
    const zone = field.querySelector(".upload-zone");
    const chips = field.querySelector(".chips");
    const form = input.form;
    let running = 0;

    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = ""; // staged one by one: the form itself must not send them again
      files.forEach(send);
    });
    // The whole page would otherwise navigate to a file that misses the zone.
    for (const name of ["dragover", "drop"]) {
      window.addEventListener(name, (event) => {
        if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
      });
    }
    let depth = 0;
    zone.addEventListener("dragenter", () => { depth += 1; zone.classList.add("is-over"); });
    zone.addEventListener("dragleave", () => {
      depth -= 1;
      if (depth <= 0) zone.classList.remove("is-over");
    });
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      zone.classList.remove("is-over");
      [...event.dataTransfer.files].forEach(send);
    });
    // A screenshot pasted into the description is an attachment.
    form?.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files || [])];
      if (files.length) {
        event.preventDefault();
        files.forEach(send);
      }
    });
    // Files still on their way are part of what the person means to send.
    form?.addEventListener("submit", (event) => {
      if (running > 0) {
        event.preventDefault();
        window.portal?.announce(field.dataset.waiting);
      }
    });
    chips.addEventListener("click", (event) => {
      const button = event.target.closest("[data-remove-upload]");
      if (!button) return;
      button.closest("li").remove();
      input.focus();
    });
    for (const chip of chips.children) makeRemovable(chip);

    function send(file) {
      const chip = document.createElement("li");
      chip.className = "chip";
      const name = document.createElement("span");
      name.className = "chip-name";
      name.textContent = file.name;
      const progress = document.createElement("progress");
      progress.max = 100;
      progress.value = 0;
      progress.setAttribute("aria-label", file.name);
      const note = document.createElement("span");
      note.className = "chip-size";
      chip.append(name, progress, note);
      chips.append(chip);

      const limit = Number(field.dataset.maxBytes);
      if (limit && file.size > limit) {
        fail(chip, progress, note, field.dataset[TOO_BIG]);
        return;
      }
      const body = new FormData();
      body.append("file", file);
      const request = new XMLHttpRequest();
      request.open("POST", field.dataset.uploadUrl);
      request.setRequestHeader("X-CSRFToken", form?.elements.namedItem("csrfmiddlewaretoken")?.value || "");
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress.value = Math.round((event.loaded / event.total) * 100);
      });
      request.addEventListener("load", () => {
        running -= 1;
        if (request.status >= 200 && request.status < 300) {
          const template = document.createElement("template");
          template.innerHTML = request.responseText.trim();
          const staged = template.content.firstElementChild;
          chip.replaceWith(staged);
          makeRemovable(staged);
        } else if (request.status === 413) {
          fail(chip, progress, note, field.dataset[TOO_BIG] || field.dataset.failed);
        } else {
          const short = request.status < 500 && request.responseText.length < 300 && !request.responseText.includes("<");
          fail(chip, progress, note, short ? request.responseText : field.dataset.failed);
        }
      });
      request.addEventListener("error", () => {
        running -= 1;
        fail(chip, progress, note, field.dataset.failed);
      });
      running += 1;
      request.send(body);
    }

    function fail(chip, progress, note, text) {
      progress.remove();
      chip.classList.add("chip-failed");
      note.textContent = text;
      makeRemovable(chip);
      window.portal?.announce(`${chip.querySelector(".chip-name").textContent}: ${text}`);
    }

    function makeRemovable(chip) {
      if (chip.querySelector("[data-remove-upload]")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "icon-button";
      button.dataset.removeUpload = "";
      const file = chip.querySelector(".chip-name")?.textContent || "";
      button.setAttribute("aria-label", `${field.dataset.removeLabel} ${file}`);
      button.append(field.querySelector("template[data-remove-icon]").content.cloneNode(true));
      chip.append(button);
    }
  }

  const setUpAll = (root) => root.querySelectorAll?.("[data-upload-url]").forEach(setUp);
  setUpAll(document);
  document.addEventListener("htmx:load", (event) => setUpAll(event.target));
})();
