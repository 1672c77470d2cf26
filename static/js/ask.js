// Ask a question: the words follow the kind of topic, and tags are suggested one by one. What is like the question is
// fetched by htmx as it is typed (templates/forums/ask.html), so the step that shows it without a script is passed over.
(() => {
  "use strict";

  const seen = document.querySelector("#ask-form [name=similar_seen]");
  if (seen) seen.value = "1";

  // Said when their number changes, and not read out whole after every pause.
  let said = "";
  document.getElementById("similar")?.addEventListener("htmx:afterSwap", (event) => {
    const text = event.currentTarget.querySelector("[data-say]")?.dataset.say || "";
    if (text && text !== said) window.portal?.announce(text);
    said = text;
  });

  const kinds = document.querySelectorAll("[data-kind]");
  const say = (kind) => {
    for (const place of document.querySelectorAll("[data-kind-word]")) place.textContent = kind.dataset[place.dataset.kindWord];
    const label = document.querySelector("label[for=id_body]");
    if (label) label.textContent = kind.dataset.body;
  };
  for (const kind of kinds) kind.addEventListener("change", () => say(kind));
  // The browser's Back button restores the choice and not the words.
  const chosen = [...kinds].find((kind) => kind.checked);
  if (chosen) say(chosen);

  // A list suggests for the whole field: what stands before the tag being typed is put before each suggestion.
  const field = document.getElementById("id_tags");
  const list = document.getElementById("tags-in-use");
  if (field && list) {
    const tags = [...list.options].map((option) => option.value);
    field.addEventListener("input", () => {
      const before = field.value.replace(/[^,\s]*$/, "");
      const used = new Set(before.split(/[,\s]+/));
      list.replaceChildren(...tags.filter((tag) => !used.has(tag)).map((tag) => new Option("", before + tag)));
    });
  }
})();
