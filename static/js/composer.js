// The composer of the forums, over a plain textarea: a toolbar, pictures, a live preview. The addresses and every
// sentence are data attributes of templates/forums/_composer.html, which says what each address is sent and answers.
(() => {
  "use strict";

  const PREVIEW_AFTER = 600; // milliseconds after the last key
  const LIVE = "compose-live"; // where the browser remembers whether the live preview is on
  const wide = window.matchMedia("(min-width: 62rem)");

  const { headers, sentence } = window.portal;

  function setUp(root) {
    if (root.dataset.ready) return;
    root.dataset.ready = "true";
    const textarea = root.querySelector("textarea");
    const problem = root.querySelector("[data-compose-problem]");
    const tell = (text) => { problem.textContent = text; };
    const editor = makeEditor(textarea);
    const preview = setUpPreview(root, textarea);
    const pictures = setUpPictures(root, textarea, editor, tell);
    setUpToolbar(root, textarea, editor, pictures);
    textarea.addEventListener("input", preview);
  }

  // --- Changing the text ---------------------------------------------------------------------------------------
  function makeEditor(textarea) {
    // As if typed, so that Ctrl+Z takes it back; browsers offer no other way. The rest is for those that do not.
    function put(start, end, text) {
      textarea.focus();
      textarea.setSelectionRange(start, end);
      if (!document.execCommand(text ? "insertText" : "delete", false, text)) {
        textarea.setRangeText(text, start, end, "end");
        textarea.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }

    function wrap(mark) {
      const { selectionStart: start, selectionEnd: end, value } = textarea;
      const inner = value.slice(start, end);
      const size = mark.length;
      if (value.slice(start - size, start) === mark && value.slice(end, end + size) === mark) {
        put(start - size, end + size, inner);
        textarea.setSelectionRange(start - size, end - size);
      } else {
        put(start, end, mark + inner + mark);
        textarea.setSelectionRange(start + size, end + size);
      }
    }

    // Begin each line of the selection with what `sign` gives for it, or take that away when all have it.
    function prefix(pattern, sign, other = pattern) {
      const { value } = textarea;
      const start = value.lastIndexOf("\n", textarea.selectionStart - 1) + 1;
      let end = value.indexOf("\n", Math.max(textarea.selectionEnd, start));
      if (end < 0) end = value.length;
      const lines = value.slice(start, end).split("\n");
      const all = lines.every((line) => pattern.test(line));
      const changed = lines.map((line, number) => (all ? line.replace(pattern, "") : sign(number) + line.replace(other, "")));
      // A list after a line of text needs an empty line to be one.
      const before = !all && start > 0 && value[start - 2] !== "\n" && !pattern.test(lineBefore(value, start)) ? "\n" : "";
      put(start, end, before + changed.join("\n"));
      if (lines.length > 1) textarea.setSelectionRange(start + before.length, textarea.selectionEnd);
    }

    const anyList = /^(?:[-*+](?: \[[ xX]\])?|\d+[.)]) /; // one kind of list becomes another

    const lineBefore = (value, start) => value.slice(value.lastIndexOf("\n", start - 2) + 1, start - 1);

    function code() {
      const { selectionStart: start, selectionEnd: end, value } = textarea;
      const inner = value.slice(start, end);
      if (!inner.includes("\n")) {
        wrap("`");
        return;
      }
      const before = start > 0 && value[start - 1] !== "\n" ? "\n" : "";
      put(start, end, `${before}\`\`\`\n${inner.replace(/\n$/, "")}\n\`\`\`\n`);
    }

    function link() {
      const { selectionStart: start, selectionEnd: end, value } = textarea;
      const inner = value.slice(start, end);
      if (/^https?:\/\/\S+$/.test(inner)) {
        put(start, end, `[](${inner})`);
        textarea.setSelectionRange(start + 1, start + 1);
      } else {
        put(start, end, `[${inner}](https://)`);
        const address = start + inner.length + 3;
        if (inner) textarea.setSelectionRange(address, address + 8);
        else textarea.setSelectionRange(start + 1, start + 1);
      }
    }

    const acts = {
      bold: () => wrap("**"),
      italic: () => wrap("_"),
      heading: () => prefix(/^#{1,6} /, () => "## "),
      link,
      quote: () => prefix(/^> ?/, () => "> "),
      code,
      list: () => prefix(/^[-*+] (?!\[[ xX]\] )/, () => "- ", anyList),
      numbers: () => prefix(/^\d+[.)] /, (number) => `${number + 1}. `, anyList),
      tasks: () => prefix(/^[-*+] \[[ xX]\] /, () => "- [ ] ", anyList),
    };

    // Enter goes on with a list or a quote, and ends it on an empty line.
    function newLine(event) {
      const { selectionStart: start, selectionEnd: end, value } = textarea;
      if (start !== end) return;
      const from = value.lastIndexOf("\n", start - 1) + 1;
      const found = /^(\s*)([-*+]|(\d+)([.)])|>)( \[[ xX]\])? /.exec(value.slice(from, start));
      if (!found) return;
      event.preventDefault();
      if (from + found[0].length === start && !value.slice(start).match(/^[^\n]/)) {
        put(from, start, "");
        return;
      }
      const sign = found[3] ? `${Number(found[3]) + 1}${found[4]}` : found[2];
      put(start, end, `\n${found[1]}${sign}${found[5] ? " [ ]" : ""} `);
    }

    textarea.addEventListener("keydown", (event) => {
      if (event.isComposing || event.altKey || event.shiftKey) return;
      const command = event.ctrlKey || event.metaKey;
      if (event.key === "Enter" && !command) newLine(event);
      const act = command && { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
      if (act) {
        event.preventDefault();
        acts[act]();
      }
    });

    return { put, acts };
  }

  // --- Toolbar: one stop for the Tab key, arrows within ------------------------------------------------------------
  function setUpToolbar(root, textarea, editor, pictures) {
    const toolbar = root.querySelector("[role=toolbar]");
    const buttons = [...toolbar.querySelectorAll("button")];
    function moveTo(button) {
      for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
      button.focus();
    }
    // The textarea keeps its selection and, on phones, its keyboard.
    toolbar.addEventListener("mousedown", (event) => event.preventDefault());
    toolbar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-compose-act]");
      if (!button) return;
      for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
      if (button.dataset.composeAct === "image") pictures.choose();
      else editor.acts[button.dataset.composeAct]();
    });
    toolbar.addEventListener("keydown", (event) => {
      const here = buttons.indexOf(document.activeElement);
      const forward = getComputedStyle(toolbar).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
      const last = buttons.length - 1;
      const to = {
        Home: 0,
        End: last,
        ArrowRight: forward === "ArrowRight" ? here + 1 : here - 1,
        ArrowLeft: forward === "ArrowRight" ? here - 1 : here + 1,
      }[event.key];
      if (here < 0 || to === undefined) return;
      event.preventDefault();
      moveTo(buttons[(to + buttons.length) % buttons.length]);
    });
  }

  // --- Preview ---------------------------------------------------------------------------------------------------
  function setUpPreview(root, textarea) {
    const pane = root.querySelector("[data-compose-preview]");
    if (!pane) return () => {};
    const result = pane.querySelector("[data-compose-result]");
    const nothing = pane.querySelector("[data-compose-nothing]");
    const tabs = [...root.querySelectorAll("[data-compose-view]")];
    const live = root.querySelector("[data-compose-live]");
    let timer = 0;
    let shown = null; // the text whose preview is shown
    let request = null;

    const visible = () => (wide.matches ? root.dataset.live === "on" : root.dataset.view === "preview");

    async function refresh() {
      const text = textarea.value;
      if (!visible() || text === shown) return;
      request?.abort();
      const mine = request = new AbortController();
      if (!text.trim()) {
        show("", text);
        return;
      }
      pane.setAttribute("aria-busy", "true");
      try {
        const body = new FormData();
        body.append("text", text);
        body.append("community", root.dataset.community);
        const response = await fetch(root.dataset.previewUrl, {
          method: "POST", body, headers: headers(textarea.form), signal: mine.signal,
        });
        // A session that has ended leads to the sign-in page, which is no preview.
        if (response.redirected) fail(root.dataset.signedOut);
        else if (response.ok) show(await response.text(), text);
        else fail(await sentence(response, root.dataset.previewFailed));
      } catch {
        if (!mine.signal.aborted) fail(root.dataset.previewFailed);
      }
      if (request === mine) pane.removeAttribute("aria-busy");
    }

    function show(html, text) {
      pane.removeAttribute("aria-busy");
      result.innerHTML = html; // sanitised by the server
      nothing.hidden = Boolean(html);
      shown = text;
    }

    function fail(text) {
      result.textContent = text;
      nothing.hidden = true;
      shown = null;
    }

    function remembered() {
      try {
        return localStorage.getItem(LIVE) === "on";
      } catch {
        return false; // storage may be forbidden
      }
    }

    function setLive(on) {
      root.dataset.live = on ? "on" : "off";
      live.setAttribute("aria-pressed", String(on));
    }

    live.addEventListener("click", () => {
      const on = root.dataset.live !== "on";
      setLive(on);
      try {
        if (on) localStorage.setItem(LIVE, "on");
        else localStorage.removeItem(LIVE);
      } catch { /* the choice then lasts for this page */ }
      refresh();
    });
    for (const tab of tabs) {
      tab.addEventListener("click", () => {
        root.dataset.view = tab.dataset.composeView;
        for (const other of tabs) {
          other.setAttribute("aria-selected", String(other === tab));
          other.tabIndex = other === tab ? 0 : -1;
        }
        refresh();
      });
    }
    // What is written and how it looks stay side by side while scrolling.
    textarea.addEventListener("scroll", () => {
      const range = textarea.scrollHeight - textarea.clientHeight;
      if (range > 0) pane.scrollTop = (textarea.scrollTop / range) * (pane.scrollHeight - pane.clientHeight);
    }, { passive: true });
    wide.addEventListener("change", refresh);
    setLive(remembered());
    refresh();

    return () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(refresh, PREVIEW_AFTER);
    };
  }

  // --- Pictures: pasted, dropped, chosen -----------------------------------------------------------------------------
  function setUpPictures(root, textarea, editor, tell) {
    const input = root.querySelector("[data-compose-file]");
    const box = root.querySelector(".compose-box");
    if (!input) return { choose() {} };
    let running = 0;
    let count = 0;
    let depth = 0;

    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = ""; // the form itself must not send them
      files.forEach(send);
    });
    textarea.addEventListener("paste", (event) => {
      const data = event.clipboardData;
      const files = [...(data?.files || [])];
      // A word processor copies a picture of the text beside the text: the text is meant.
      if (!files.length || data.types.includes("text/plain")) return;
      event.preventDefault();
      files.forEach(send);
    });
    box.addEventListener("dragenter", (event) => {
      if (!hasFiles(event)) return;
      depth += 1;
      box.classList.add("is-over");
    });
    box.addEventListener("dragover", (event) => {
      if (hasFiles(event)) event.preventDefault();
    });
    box.addEventListener("dragleave", (event) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (!depth) box.classList.remove("is-over");
    });
    box.addEventListener("drop", (event) => {
      depth = 0;
      box.classList.remove("is-over");
      if (!hasFiles(event)) return;
      event.preventDefault();
      [...event.dataTransfer.files].forEach(send);
    });
    // Pictures still on their way are part of what the person means to send.
    textarea.form?.addEventListener("submit", (event) => {
      if (running > 0 && !event.submitter?.formNoValidate) {
        event.preventDefault();
        tell(root.dataset.waiting);
      }
    });

    async function send(file) {
      if (file.type && !file.type.startsWith("image/")) {
        tell(root.dataset.onlyPictures);
        return;
      }
      tell("");
      count += 1;
      running += 1;
      // Square brackets would end the words of the picture; the number keeps two of one name apart.
      const name = `${file.name.replace(/[[\]\\]/g, "")}${count > 1 ? ` (${count})` : ""}`;
      const placeholder = `![${root.dataset.uploading.replace("{name}", () => name)}]()`;
      const { selectionStart: start, selectionEnd: end, value } = textarea;
      const before = start > 0 && !/\s/.test(value[start - 1]) ? "\n" : "";
      editor.put(start, end, `${before}${placeholder}\n`);
      let markdown = "";
      try {
        const body = new FormData();
        body.append("file", file);
        const response = await fetch(root.dataset.imageUrl, { method: "POST", body, headers: headers(textarea.form) });
        if (response.redirected) tell(root.dataset.signedOut);
        else if (response.ok) markdown = (await response.json()).markdown;
        else if (response.status === 413) tell(root.dataset.tooLarge);
        else tell(await sentence(response, root.dataset.pictureFailed));
      } catch {
        tell(root.dataset.pictureFailed);
      }
      running -= 1;
      settle(placeholder, markdown);
    }

    // Put the picture, or nothing, where its placeholder stands by now. Whoever took that away wants no picture.
    function settle(placeholder, markdown) {
      const start = textarea.value.indexOf(placeholder);
      if (start < 0) return;
      let end = start + placeholder.length;
      if (!markdown && textarea.value[end] === "\n") end += 1;
      textarea.setRangeText(markdown, start, end, "preserve");
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
      if (running === 0 && root.querySelector("[data-compose-problem]").textContent === root.dataset.waiting) tell("");
    }

    return { choose: () => input.click() };
  }

  const setUpAll = (root) => root.querySelectorAll?.("[data-compose]").forEach(setUp);
  setUpAll(document);
  document.addEventListener("htmx:load", (event) => setUpAll(event.target));
})();
