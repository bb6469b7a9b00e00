// What every page does beyond plain HTML. Without it all still works, but nothing renews itself.
"use strict";

const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

// Says something for a moment, also to screen readers.
function say(text) {
  const place = document.getElementById("said");
  place.replaceChildren(Object.assign(document.createElement("div"), { textContent: text }));
  clearTimeout(say.timer);
  say.timer = setTimeout(() => place.replaceChildren(), 4000);
}

// Asks before something is done; resolves to true or false.
function ask(question, yes = "Go on") {
  const box = document.getElementById("ask");
  document.getElementById("ask-says").textContent = question;
  document.getElementById("ask-yes").textContent = yes;
  box.returnValue = "no";
  box.showModal();
  return new Promise((done) => box.addEventListener("close", () => done(box.returnValue === "yes"), { once: true }));
}

// Posts a form's fields as a script: the answer, or an Error with the sentence of the page that refused.
async function post(url, fields) {
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers: { "X-CSRF": csrf(), "X-Part": "1" } });
  return answer;
}

// Moments: in the viewer's own zone; those of class "ago" say how long ago they are.
const units = [[172800, 86400, "days"], [5400, 3600, "h"], [100, 60, "min"], [0, 1, "s"]];
function ago(at) {
  const seconds = (Date.now() - at) / 1000, size = units.find(([least]) => Math.abs(seconds) >= least);
  const span = `${Math.round(Math.abs(seconds) / size[1])} ${size[2]}`;
  return seconds < -1 ? `in ${span}` : `${span} ago`;
}
const whole = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "medium" });
const short = new Intl.DateTimeFormat([], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
function tellTimes(root = document) {
  for (const one of root.querySelectorAll("time[datetime]")) {
    const at = Date.parse(one.dateTime);
    if (one.classList.contains("ago")) { one.textContent = ago(at); one.title = whole.format(at); }
    else if (!one.dataset.told) { one.textContent = short.format(at); one.title = whole.format(at); one.dataset.told = "1"; }
  }
}

// Parts that renew themselves: <div data-poll="/console/…"> is asked for anew every 5 seconds, with its ETag.
function poll(part) {
  let mark = "", failures = 0;
  const turn = async () => {
    if (document.hidden || document.querySelector("dialog[open]") || part.contains(document.activeElement) && part.dataset.calm !== undefined) return next();
    try {
      const answer = await fetch(part.dataset.poll, { headers: { "X-Part": "1", ...(mark && { "If-None-Match": mark }) } });
      if (answer.status === 403) return location.reload();
      if (answer.ok) { mark = answer.headers.get("ETag") ?? ""; renew(part, await answer.text()); }
      failures = answer.ok || answer.status === 304 ? 0 : failures + 1;
    } catch { failures += 1; }
    part.classList.toggle("stale", failures > 2);
    next();
  };
  const next = () => setTimeout(turn, part.dataset.every ? Number(part.dataset.every) : 5000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tellTimes(); });
  next();
}
function renew(part, html) {
  const held = document.activeElement?.id && part.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
  part.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (held) document.getElementById(held)?.focus({ preventScroll: true });
  tellTimes(part);
  part.dispatchEvent(new CustomEvent("renewed", { bubbles: true }));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    try { await navigator.clipboard.writeText(button.dataset.copy); say("Copied."); }
    catch { say("Copying is not allowed here: mark the text and copy it."); }
  }
  const menu = document.querySelector("details.menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key === "Escape" && menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

// Forms with data-asks ask first; no form is sent twice by two clicks.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  if (form.dataset.sent) return event.preventDefault();
  if (form.dataset.asks && !form.dataset.sure && event.submitter?.dataset.onlyAsks === undefined) {
    event.preventDefault();
    const button = event.submitter;
    if (await ask(form.dataset.asks, form.dataset.yes)) { form.dataset.sure = "1"; form.requestSubmit(button); }
    return;
  }
  if (form.method === "post" && !event.defaultPrevented) { form.dataset.sent = "1"; setTimeout(() => delete form.dataset.sent, 5000); }
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

tellTimes();
setInterval(tellTimes, 10000);
document.querySelectorAll("[data-poll]").forEach(poll);
