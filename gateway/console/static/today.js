// The hours of the chart in the viewer's own zone.
"use strict";

const clockHour = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });
function tellHours(root = document) {
  for (const bar of root.querySelectorAll("g[data-at]")) {
    const label = bar.querySelector("text[data-hour]"), byHour = bar.parentNode.querySelector("text[data-hour]");
    if (!byHour) continue;
    const at = new Date(bar.dataset.at);
    bar.querySelector("title").textContent = `${short.format(at)}: ${bar.dataset.says}`;
    if (label) label.textContent = clockHour.format(at);
  }
}
tellHours();
document.addEventListener("renewed", (event) => tellHours(event.target));
