// The list of leads: clean addresses, days in the viewer's own zone, and a download piece by piece.
"use strict";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

// Days are meant where the viewer is; a link that names its zone keeps it.
const zoneField = document.getElementById("zone");
if (zoneField && !zoneField.value && zone) {
  zoneField.value = zone;
  document.getElementById("zone-says").textContent = zone;
}
for (const link of document.querySelectorAll("a[data-zoned]")) {
  const there = new URL(link.href);
  if (!there.searchParams.get("zone") && zone) { there.searchParams.set("zone", zone); link.href = there; }
}

// What is empty does not stand in the address.
const form = document.getElementById("seek");
form?.addEventListener("submit", () => {
  for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  const days = [...form.querySelectorAll('[name="from"], [name="to"]')].some((field) => !field.disabled);
  if (!days) zoneField.disabled = true;
});
window.addEventListener("pageshow", () => { for (const field of form?.elements ?? []) field.disabled = false; });

// A choice among the filters counts at once.
for (const list of document.querySelectorAll("#more select")) list.addEventListener("change", () => form.requestSubmit());

const download = document.getElementById("download");
let stopped = null;

function offer(parts, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob(parts, { type: "text/csv;charset=utf-8" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// Asks for one piece after the other, so that none of them takes long.
async function fetchAll(first, tell, signal) {
  const parts = [];
  let rows = 0, name = "leads.csv", next = first, highest = 0;
  while (next) {
    const answer = await fetch(next, { signal });
    if (!answer.ok) throw new Error(String(answer.status));
    parts.push(await answer.blob());
    rows += Number(answer.headers.get("X-Rows"));
    name = answer.headers.get("X-Name") ?? name;
    next = answer.headers.get("X-Next");
    const at = Number(answer.headers.get("X-At"));
    highest ||= at + rows;
    tell(rows, next && highest ? 1 - at / highest : 1);
  }
  return { parts, rows, name };
}

async function run() {
  const box = document.getElementById("export"), says = document.getElementById("export-says"), bar = document.getElementById("export-bar");
  const first = new URL(download.href);
  first.searchParams.set("pieces", "1");
  stopped = new AbortController();
  bar.removeAttribute("value");
  says.textContent = "The download begins.";
  box.classList.remove("hide");
  try {
    const tell = (rows, part) => { bar.value = Math.round(part * 100); says.textContent = `${rows.toLocaleString()} leads so far.`; };
    const { parts, rows, name } = await fetchAll(first, tell, stopped.signal);
    offer(parts, name);
    say(`${rows.toLocaleString()} ${rows === 1 ? "lead" : "leads"} downloaded.`);
  } catch (error) {
    say(error.name === "AbortError" ? "The download was cancelled." : "The download broke off. Try again in a minute.");
  }
  box.classList.add("hide");
  stopped = null;
}

download?.addEventListener("click", (event) => {
  event.preventDefault();
  if (!stopped) run();
});
document.getElementById("export-stop")?.addEventListener("click", () => stopped?.abort());
