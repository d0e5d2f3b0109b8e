/* Counts the seconds a page is in view, so that work is measured where it is done; puts the focus where a change
   happened; looks again while lists are being fetched. Every page works without it. */
"use strict";
(function () {
  var active = 0, last = performance.now();
  function inView() { return document.visibilityState === "visible" && document.hasFocus(); }
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
  document.addEventListener("htmx:after:settle", function () { setTimeout(focus, 0); });
  document.addEventListener("DOMContentLoaded", function () { measure(); focus(); });
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
