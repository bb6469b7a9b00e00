// The list of what may stand at the cursor: asked of the server, chosen by keys or by a click.
"use strict";

class Offers {
  // ask(position) resolves to { typed, sure, entries: [{ label, says, insert }] }.
  constructor(area, box, said, ink, ask, write) {
    Object.assign(this, { area, box, said, ink, ask, write, found: null, active: -1, turn: 0 });
    box.addEventListener("mousedown", (event) => event.preventDefault());
    box.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take([...box.children].indexOf(option));
    });
    area.addEventListener("blur", () => this.close());
  }

  get open() { return !this.box.classList.contains("hide"); }

  // wanted: somebody asked for the list; else it opens only where something is typed that it can finish.
  async look(wanted) {
    const turn = ++this.turn, position = this.area.selectionStart, before = this.area.value;
    const found = await this.ask(position);
    if (turn !== this.turn || !found || this.area.selectionStart !== position || this.area.value !== before) return;
    if (!found.entries.length || (!wanted && !found.sure && !found.typed)) {
      this.close();
      if (wanted) this.said.textContent = "Nothing is known that may stand here.";
      return;
    }
    this.show(found, wanted);
  }

  show(found, wanted) {
    this.found = found;
    this.box.replaceChildren(...found.entries.map((entry, at) => {
      const option = Object.assign(document.createElement("div"), { id: `offer-${at}` });
      option.setAttribute("role", "option");
      option.append(Object.assign(document.createElement("b"), { textContent: entry.label }), Object.assign(document.createElement("span"), { textContent: entry.says }));
      return option;
    }));
    this.box.classList.remove("hide");
    this.put();
    this.area.setAttribute("aria-controls", this.box.id);
    this.point(wanted || found.sure ? 0 : -1);
    const count = found.entries.length;
    this.said.textContent = `${count} suggestion${count === 1 ? "" : "s"}, arrow keys choose, Enter takes`;
  }

  // Below the cursor, or above it where there is more room.
  put() {
    const caret = this.ink.place(this.area.selectionStart), sheet = this.box.parentElement.getBoundingClientRect();
    const seen = this.box.closest(".editor").getBoundingClientRect();
    this.box.style.maxWidth = `${seen.right - Math.max(sheet.left, seen.left) - 24}px`;
    const left = Math.max(0, Math.min(caret.left, seen.right - this.box.offsetWidth - 16) - sheet.left);
    const above = seen.bottom - caret.bottom < this.box.offsetHeight && caret.top - seen.top > this.box.offsetHeight;
    const top = above ? caret.top - sheet.top - this.box.offsetHeight - 4 : caret.bottom - sheet.top + 4;
    Object.assign(this.box.style, { left: `${left}px`, top: `${top}px` });
  }

  point(at) {
    this.active = at;
    [...this.box.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    if (at < 0) return this.area.removeAttribute("aria-activedescendant");
    this.area.setAttribute("aria-activedescendant", `offer-${at}`);
    const option = this.box.children[at];
    if (option.offsetTop < this.box.scrollTop) this.box.scrollTop = option.offsetTop - 4;
    const below = option.offsetTop + option.offsetHeight - this.box.clientHeight;
    if (below > this.box.scrollTop) this.box.scrollTop = below + 4;
  }

  close() {
    this.turn++;
    this.box.classList.add("hide");
    this.said.textContent = "";
    for (const name of ["aria-activedescendant", "aria-controls"]) this.area.removeAttribute(name);
  }

  take(at) {
    const entry = this.found.entries[at], end = this.area.selectionStart;
    this.close();
    const goesOn = /[ \n]$/.test(entry.insert), line = this.area.value.slice(end).split("\n", 1)[0];
    const insert = line.startsWith(":") ? entry.insert.replace(/:[\s\S]*$/, "") : entry.insert;
    this.write(insert, end - this.found.typed.length, end);
    if (goesOn && insert === entry.insert) this.look(false);
  }

  // Whether a key was for the list.
  key(event) {
    if (!this.open) return false;
    const count = this.box.childElementCount;
    if (event.key === "ArrowDown") this.point((this.active + 1) % count);
    else if (event.key === "ArrowUp") this.point((this.active <= 0 ? count : this.active) - 1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" && !event.shiftKey) this.take(Math.max(this.active, 0));
    else if (event.key === "Enter" && this.active >= 0) this.take(this.active);
    else return false;
    event.preventDefault();
    return true;
  }
}
