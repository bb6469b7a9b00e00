// The coloured copy of a text below its textarea, with its line numbers and what is wrong at each line.
"use strict";

class Ink {
  constructor(area, sheet, gutter) {
    Object.assign(this, { area, sheet, gutter, drawn: [], problems: new Map() });
  }

  // problems: [{ line, column, warning }]; lines and columns from 1, columns in whole signs.
  mark(problems) {
    this.problems = new Map();
    for (const one of problems) this.problems.set(one.line, [...(this.problems.get(one.line) ?? []), one]);
    this.draw();
  }

  draw() {
    const lines = this.area.value.split("\n");
    const wanted = lines.map((line, at) => line + "\n" + (this.problems.get(at + 1) ?? []).map((one) => `${one.column}${one.warning}`));
    while (this.sheet.childElementCount > lines.length) this.sheet.lastChild.remove(), this.gutter.lastChild.remove();
    lines.forEach((line, at) => {
      if (this.sheet.children[at] && wanted[at] === this.drawn[at]) return;
      if (!this.sheet.children[at]) { this.sheet.append(document.createElement("div")); this.gutter.append(document.createElement("div")); }
      this.drawLine(line, at, this.problems.get(at + 1) ?? []);
    });
    this.drawn = wanted;
  }

  drawLine(line, at, problems) {
    this.sheet.children[at].replaceChildren(...this.pieces(line, problems));
    const number = this.gutter.children[at];
    number.textContent = at + 1;
    number.className = problems.some((one) => !one.warning) ? "problem" : problems.length ? "warning" : "";
  }

  // The spans of a line: each sign has a class of its colour, and one of what is wrong there.
  pieces(line, problems) {
    const look = colours(line);
    for (const one of problems) {
      const [from, to] = reach(line, one.column);
      for (let at = from; at < to; at++) look[at] = `${look[at] ?? ""} ${one.warning ? "doubt" : "wrong"}`;
    }
    const found = [], shown = problems.length && !line.trim() ? line + " " : line;
    for (let at = 0, from = 0; at < shown.length; at++) {
      if (at + 1 < shown.length && look[at + 1] === look[from]) continue;
      found.push(Object.assign(document.createElement("span"), { textContent: shown.slice(from, at + 1), className: look[from] ?? "" }));
      from = at + 1;
    }
    return found;
  }

  // Where a sign of the text is on the screen.
  place(position) {
    const before = this.area.value.slice(0, position).split("\n");
    let rest = before.at(-1).length;
    const line = this.sheet.children[before.length - 1];
    for (const span of line.children) {
      if (rest <= span.textContent.length) {
        const range = document.createRange();
        range.setStart(span.firstChild, rest);
        range.setEnd(span.firstChild, rest);
        return range.getBoundingClientRect();
      }
      rest -= span.textContent.length;
    }
    return line.getBoundingClientRect();
  }
}

// The class of each sign of a line: a key, a text in quotes, a comment, a $name, a filter, a dash.
function colours(line) {
  const look = [];
  const paint = (from, text, name) => { for (let at = from; at < from + text.length; at++) look[at] = name; };
  for (const found of line.matchAll(/\$\w+/g)) paint(found.index, found[0], "n");
  for (const found of line.matchAll(/\|\s*[a-z_]+/g)) paint(found.index, found[0], "f");
  for (const found of line.matchAll(/(?<=^|[\s:])("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/g)) paint(found.index, found[0], "s");
  const dash = /^\s*(?:- +)*-?(?=\s|$)/.exec(line) ?? [""];
  paint(0, dash[0], "d");
  const key = /^(\s*(?:- +)*)([^\s#'"-][^#]*?|"[^"]*"|'[^']*'):(?=\s|$)/.exec(line);
  if (key) paint(key[1].length, key[2] + ":", "k");
  for (const found of line.matchAll(/(^|\s)#.*$/g)) if (look[found.index + found[1].length] !== "s") paint(found.index, found[0], "c");
  return look;
}

// From where to where a problem goes: the key that stands at its column, or the whole text there.
function reach(line, column) {
  const from = Math.min([...line].slice(0, column - 1).join("").length, Math.max(line.length - 1, 0));
  const rest = line.slice(from), key = /^[\w.$-]+(?=:(\s|$))/.exec(rest);
  const text = key ? key[0] : rest.replace(/\s+#.*$/, "").trimEnd();
  return [from, from + Math.max(text.length, 1)];
}
