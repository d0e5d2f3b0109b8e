/* Counts the seconds a page is in view, so that work is measured where it is done; puts the focus where a change
   happened; looks again while lists are being fetched. Every page works without it. */
"use strict";
(function () {
  var active = 0, last = performance.now(), sign = last, idleAfter = 60000;
  function inView() { return document.visibilityState === "visible" && document.hasFocus() && performance.now() - sign <= idleAfter; }
  ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "input"].forEach(function (kind) {
    document.addEventListener(kind, function () { count(); sign = performance.now(); }, { capture: true, passive: true });
  });
  document.addEventListener("DOMContentLoaded", function () { idleAfter = Number(document.body.dataset.idleAfter) * 1000; });
  /* Until the server has counted it with a step, time goes on with the person to the next page of the same record. */
  function record() { return (/^\/(reviews|audits)\/[^/]+/.exec(location.pathname) || [""])[0]; }
  window.addEventListener("pagehide", function () { count(); if (record()) { sessionStorage.setItem("gw-active", JSON.stringify([record(), active])); } active = 0; });
  window.addEventListener("pageshow", function () {
    var kept = JSON.parse(sessionStorage.getItem("gw-active") || "null");
    sessionStorage.removeItem("gw-active");
    if (kept && kept[0] === record() && !document.body.hasAttribute("data-counted")) { active += kept[1]; }
  });
  function count() { var now = performance.now(); if (inView()) { active += Math.min(now - last, 2000); } last = now; }
  setInterval(count, 1000);
  document.addEventListener("visibilitychange", function () { last = performance.now(); });

  function fill(form) {
    count();
    form.querySelectorAll("[data-active]").forEach(function (field) { field.value = (active / 1000).toFixed(1); });
  }
  document.addEventListener("submit", function (event) { fill(event.target); active = 0; }, true);

  function focus() {
    var there = document.querySelector("#panel [role=alert]") || document.querySelector("[role=alert][data-focus]") || document.querySelector("[data-focus]");
    if (there) { there.focus({ preventScroll: true }); there.scrollIntoView({ block: "center", behavior: "instant" }); }
  }
  function measure() {
    var banner = document.querySelector(".gw-banner");
    document.documentElement.classList.toggle("gw-tall-banner", Boolean(banner) && banner.offsetHeight > 64);
  }

  /* Shortcuts hold only while the focus is in a row or its form (WCAG 2.1.4); each does what a button there does. */
  var saved = "", left = "";
  function typing(there) { return there.matches("textarea, select, input:not([type=radio]):not([type=checkbox])"); }
  function rowOf(there) {
    var row = there.closest(".gw-row, .gw-panel");
    return row && row.matches(".gw-panel") ? row.previousElementSibling : row;
  }
  function toNext() {
    var rows = Array.from(document.querySelectorAll(".gw-row")), from = rows.findIndex(function (row) { return row.id === saved; });
    if (!saved) { return false; }
    saved = "";
    var next = rows.slice(from + 1).concat(rows.slice(0, from + 1)).find(function (row) { return row.querySelector("[data-decide]") && !row.querySelector("[data-undo]"); });
    if (next) { next.querySelector("[data-decide]").focus(); }
    return Boolean(next);
  }
  document.addEventListener("click", function (event) {
    if (event.target.closest(".gw-cancel")) { left = rowOf(event.target).id; }
  }, true);
  document.addEventListener("submit", function (event) {
    var row = event.target.id === "panel" && rowOf(event.target);
    saved = row ? row.id : "";
  }, true);
  document.addEventListener("keydown", function (event) {
    var there = event.target, row = there.closest && rowOf(there), panel = there.closest && there.closest("#panel");
    if (!row || event.altKey || event.metaKey || event.isComposing) { return; }
    if (event.ctrlKey) {
      if (event.key === "Enter" && panel) { event.preventDefault(); panel.requestSubmit(); }
      return;
    }
    if (event.key === "Escape" && panel) { panel.querySelector(".gw-cancel").click(); return; }
    if (typing(there)) { return; }
    var found = null;
    if (panel && /^[1-9]$/.test(event.key)) {
      found = panel.querySelectorAll("input[name=choice]")[Number(event.key) - 1];
      if (found) { event.preventDefault(); found.checked = true; found.focus(); }
    } else if (!panel && event.key.toLowerCase() === "z") {
      found = row.querySelector("[data-undo]");
      if (found) { event.preventDefault(); found.click(); }
    } else if (!panel && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      var all = Array.from(document.querySelectorAll("[data-decide]"));
      found = all[all.indexOf(row.querySelector("[data-decide]")) + (event.key === "ArrowDown" ? 1 : -1)];
      if (found) { event.preventDefault(); found.focus(); }
    }
  });
  document.addEventListener("htmx:after:settle", function () {
    if (document.querySelector("#board")) { return; }
    setTimeout(function () {
      var back = left && document.getElementById(left);
      left = "";
      if (document.querySelector("#panel")) { focus(); }
      else if (back && back.querySelector("[data-decide]")) { back.querySelector("[data-decide]").focus(); }
      else if (!toNext()) { focus(); }
    }, 0);
  });
  document.addEventListener("DOMContentLoaded", function () { measure(); focus(); });

  /* The board asks again by itself; where that fails, it says of when it is. */
  function notRefreshed(failed) {
    var there = document.querySelector("[data-not-refreshed]");
    if (there) { there.hidden = !failed; }
  }
  document.addEventListener("htmx:error", function () { notRefreshed(true); });
  document.addEventListener("htmx:response:error", function () { notRefreshed(true); });
  document.addEventListener("htmx:after:swap", function () { notRefreshed(false); });
  window.addEventListener("resize", measure);

  document.addEventListener("DOMContentLoaded", function () {
    var there = document.querySelector("[data-events]");
    if (!there) { return; }
    var news = new EventSource(there.dataset.events);
    function show(event) { there.innerHTML = event.data; }
    news.addEventListener("progress", show);
    news.addEventListener("done", function (event) { show(event); news.close(); location.assign(there.dataset.then); });
    news.addEventListener("error", function () { news.close(); setTimeout(function () { location.reload(); }, 2000); });
  });
}());
