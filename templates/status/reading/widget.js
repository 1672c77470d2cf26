{% load i18n %}/* Shows the system status where this script stands: a frame, or with data-style="badge" a badge that is a link. */
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || !script.parentNode) return;
  var home = new URL("./", script.src).href;
  var title = "{% filter escapejs %}{% translate 'System status' %}{% endfilter %}";
  var shown;
  if (script.getAttribute("data-style") === "badge") {
    var image = document.createElement("img");
    image.src = home + "badge.svg";
    image.alt = title;
    image.height = 20;
    shown = document.createElement("a");
    shown.href = home;
    shown.appendChild(image);
  } else {
    shown = document.createElement("iframe");
    shown.src = home + "widget/";
    shown.title = title;
    shown.loading = "lazy";
    shown.width = script.getAttribute("data-width") || "320";
    shown.height = script.getAttribute("data-height") || "112";
    shown.setAttribute("frameborder", "0");
    shown.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation");
  }
  script.parentNode.insertBefore(shown, script.nextSibling);
  if (shown.contentWindow) {
    // Not by src: that would give the page's Back button a step for every minute.
    setInterval(function () {
      if (document.visibilityState === "visible") shown.contentWindow.location.replace(home + "widget/");
    }, 60000);
  }
})();
