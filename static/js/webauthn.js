// Passkeys and security keys. A form says what it does by data-webauthn ("sign-in", "use" or "add"); the browser's answer
// goes into its hidden field "credential". window.webauthnJSON comes from allauth's webauthn-json.js.
(() => {
  "use strict";

  async function options(form) {
    if (form.dataset.webauthn === "sign-in") {
      const response = await fetch(form.action, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(`The server answered ${response.status}`);
      return (await response.json()).request_options;
    }
    const data = JSON.parse(document.getElementById(form.dataset.webauthnOptions).textContent);
    return data.creation_options || data.request_options;
  }

  function forCreation(found, passwordless) {
    const selection = found.publicKey.authenticatorSelection;
    selection.residentKey = passwordless ? "required" : "discouraged";
    selection.requireResidentKey = passwordless;
    if (passwordless) selection.userVerification = "required";
    return found;
  }

  function reason(error) {
    if (error.name === "NotAllowedError") return "refused";
    if (error.name === "InvalidStateError") return "known";
    if (error.name === "NotSupportedError") return "unsupported";
    return "failed";
  }

  for (const form of document.querySelectorAll("[data-webauthn]")) {
    const trouble = form.querySelector("[data-webauthn-trouble]");
    if (!window.PublicKeyCredential) {
      trouble.textContent = trouble.dataset.unsupported;
      form.querySelector("[type=submit]").disabled = true;
      continue;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      trouble.textContent = "";
      try {
        const found = await options(form);
        const credential = form.dataset.webauthn === "add"
          ? await window.webauthnJSON.create(forCreation(found, Boolean(form.elements.namedItem("passwordless")?.checked)))
          : await window.webauthnJSON.get(found);
        form.elements.namedItem("credential").value = JSON.stringify(credential);
        form.submit();
      } catch (error) {
        trouble.textContent = trouble.dataset[reason(error)];
      }
    });
  }
})();
