// The editor's page: checks and previews while one types, keeps a draft, and asks before something is lost.
"use strict";

const form = document.getElementById("editing"), area = document.getElementById("text"), box = document.getElementById("editor");
const ink = new Ink(area, box.querySelector(".inked"), box.querySelector(".gutter"));
const began = area.value, base = form.elements.base.value, place = `mapping ${form.dataset.file}`;
const what = () => ({ file: form.elements.file.value, text: area.value, lead: form.elements.lead.value, other: form.elements.other.value });

// Writes as typing does, so that it can be undone.
function write(text, from = area.selectionStart, to = area.selectionEnd) {
  area.focus();
  area.setSelectionRange(from, to);
  const done = text ? document.execCommand("insertText", false, text) : from === to || document.execCommand("delete");
  if (!done) { area.setRangeText(text, from, to, "end"); area.dispatchEvent(new Event("input", { bubbles: true })); }
}

// Asks the server; null where it cannot answer.
async function asked(url, more) {
  try {
    const answer = await post(url, { ...what(), ...more });
    if (answer.ok) return await answer.json();
    unchecked(answer.status === 403 ? "Your session is over. Sign in again in another tab; this text is kept here." : "This cannot be checked now; type on, it is tried again.");
  } catch { unchecked("There is no connection, so nothing is checked now; type on, it is tried again."); }
  return null;
}
function unchecked(sentence) {
  const count = document.getElementById("count");
  count.textContent = sentence;
  count.className = "warn-ink";
}

// Check and preview, in one request. Answers that come out of order are dropped.
let turn = 0, waiting = 0;
function soon() { clearTimeout(waiting); waiting = setTimeout(check, 300); }
async function check() {
  const mine = ++turn, found = await asked(form.dataset.check, {});
  if (!found || mine !== turn) return;
  tell(found);
  show(found);
}
function tell(found) {
  const list = document.getElementById("problems"), count = document.getElementById("count");
  list.replaceChildren(...found.problems.map(entry), ...found.others.map((sentence) => item("problem", sentence)));
  if (count.textContent !== found.says) count.textContent = found.says;
  count.className = found.wrong ? "bad-ink" : found.problems.length ? "warn-ink" : "good-ink";
  ink.mark(found.problems);
}
function item(kind, sentence) {
  const line = Object.assign(document.createElement("li"), { className: kind });
  line.append(Object.assign(document.createElement("span"), { textContent: sentence }));
  return line;
}
function entry(one) {
  const line = item(one.warning ? "warning" : "problem", (one.warning ? "warning: " : "") + one.sentence);
  const button = Object.assign(document.createElement("button"), { type: "button", className: "at", textContent: `line ${one.line}` });
  Object.assign(button.dataset, { line: one.line, column: one.column });
  line.prepend(button, " ");
  return line;
}
// While the text has problems, the last preview stays, paler.
function show(found) {
  const part = document.getElementById("preview"), keeps = !found.stands && part.querySelector(".told");
  part.classList.toggle("stale", Boolean(keeps));
  part.querySelector(".note")?.remove();
  if (keeps) part.prepend(Object.assign(document.createElement("p"), { className: "note soft small", textContent: "As it was before the text had problems:" }));
  else renew(part, found.preview);
}

// To a line, and to the column of a problem in it.
function jump(line, column = 1) {
  const lines = area.value.split("\n"), at = Math.min(Math.max(line, 1), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, each) => sum + each.length + 1, 0);
  const [from, to] = column > 1 ? reach(lines[at], column) : [lines[at].search(/\S|$/), lines[at].length];
  area.focus({ preventScroll: true });
  area.setSelectionRange(start + from, Math.min(start + to, start + lines[at].length));
  const row = ink.sheet.children[at];
  box.scrollTo({ top: row.offsetTop - box.clientHeight / 3, left: 0 });
  if (box.getBoundingClientRect().bottom < 80 || box.getBoundingClientRect().top > innerHeight - 80) box.scrollIntoView({ block: "nearest" });
  row.classList.add("here");
  setTimeout(() => row.classList.remove("here"), 1500);
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-line].at"), number = event.target.closest(".gutter div");
  if (button) jump(Number(button.dataset.line), Number(button.dataset.column ?? 1));
  if (number) jump(Number(number.textContent));
});

// Keys.
const offers = new Offers(area, document.getElementById("offers"), document.getElementById("offers-said"), ink,
  (position) => asked(form.dataset.complete, { at: [...area.value.slice(0, position)].length }), write);
let leaves = false, lookSoon = 0;
area.addEventListener("keydown", (event) => {
  const ctrl = event.ctrlKey || event.metaKey;
  if (event.isComposing) return;
  if (ctrl && event.key === " ") { event.preventDefault(); return offers.look(true); }
  if (offers.key(event)) return;
  if (event.key === "Tab" && !leaves && !ctrl && !event.altKey) { event.preventDefault(); tab(event.shiftKey); }
  else if (event.key === "Enter" && !ctrl && !event.shiftKey) { event.preventDefault(); newLine(); }
  leaves = event.key === "Escape" || (leaves && event.key === "Shift");
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  if (form.dataset.maySave === undefined) say("Your role may look; saving needs somebody who may change things.");
  else form.requestSubmit(document.getElementById("save"));
});
const head = () => area.value.slice(area.value.lastIndexOf("\n", area.selectionStart - 1) + 1, area.selectionStart);
function tab(back) {
  const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1, lines = area.value.slice(from, area.selectionEnd);
  if (!back && !lines.includes("\n")) return write("  ");
  const end = area.selectionEnd, moved = back ? lines.replace(/^ {1,2}/gm, "") : lines.replace(/^(?=.)/gm, "  ");
  if (moved === lines) return;
  write(moved, from, end);
  if (lines.includes("\n")) area.setSelectionRange(from, from + moved.length);
}
// A new line starts where this one's key or item does; a list goes on; an empty item ends it.
function newLine() {
  const [line, spaces, dash, rest] = /^(\s*)((?:- +)*)(.*)$/.exec(head()), start = area.selectionStart;
  const inner = " ".repeat(spaces.length + dash.length);
  if (dash && !rest.trim()) return write(spaces.slice(2), start - line.length, area.selectionEnd);
  if (/:\s*(#.*)?$/.test(rest)) return write(`\n${inner}  `);
  write("\n" + (dash && !/^[^\s"'#][^#]*?:\s/.test(rest) ? spaces + dash : inner));
}

// Drafts, in this browser, until they are saved.
const drafts = {
  get() { try { return JSON.parse(localStorage.getItem(place)); } catch { return null; } },
  put(more) { try { localStorage.setItem(place, JSON.stringify({ text: area.value, base: form.elements.base.value, at: Date.now(), ...more })); } catch { /* no room: there is no draft then */ } },
  drop() { localStorage.removeItem(place); },
};
let going = false;
const unsaved = () => form.dataset.unsaved !== undefined || area.value !== began;
function remember(more) {
  if (unsaved()) drafts.put(more); else drafts.drop();
  document.getElementById("dirty").textContent = unsaved() ? "Not saved yet." : "";
}
function offerDraft() {
  const draft = drafts.get(), note = document.getElementById("draft");
  if (!draft || form.dataset.unsaved !== undefined) return;
  if (draft.text === began || (draft.sent && draft.base !== base)) return drafts.drop();
  document.getElementById("draft-at").textContent = short.format(draft.at);
  note.classList.remove("hide");
  document.getElementById("draft-take").onclick = () => { form.elements.base.value = draft.base; write(draft.text, 0, area.value.length); note.classList.add("hide"); };
  document.getElementById("draft-drop").onclick = () => { drafts.drop(); note.classList.add("hide"); area.focus(); };
}
document.getElementById("take-theirs")?.addEventListener("click", () => { going = true; drafts.drop(); });
form.addEventListener("submit", () => { going = true; if (unsaved()) drafts.put({ sent: true }); });
window.addEventListener("pageshow", () => { going = false; });
window.addEventListener("beforeunload", (event) => { if (unsaved() && !going) event.preventDefault(); });

area.addEventListener("input", () => {
  ink.draw();
  remember();
  soon();
  clearTimeout(lookSoon);
  const finishes = /(\$\w*|\|\s*\w*|[\w.]+)$/.test(head()) && area.selectionStart === area.selectionEnd;
  if (finishes) lookSoon = setTimeout(() => offers.look(false), 90); else offers.close();
});
area.addEventListener("click", () => offers.close());
form.elements.lead.addEventListener("change", () => { form.elements.other.value = ""; check(); });
form.elements.other.addEventListener("input", soon);
for (const field of [form.elements.other, form.elements.lead]) field.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); check(); } });

for (const [name, value] of [["aria-autocomplete", "list"], ["aria-haspopup", "listbox"]]) area.setAttribute(name, value);
box.classList.add("live");
ink.mark([...document.querySelectorAll("#problems li[data-line]")].map((one) => ({ line: Number(one.dataset.line), column: Number(one.dataset.column), warning: one.classList.contains("warning") })));
if (form.dataset.unsaved !== undefined) remember(); else offerDraft();
if (form.dataset.line) jump(Number(form.dataset.line));
