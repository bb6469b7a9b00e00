// The words of a message: Escape shuts what says where a word came from; a touch beside it does, too.
"use strict";

const shut = () => document.querySelectorAll(".where").forEach((one) => one.classList.add("shut"));
const open = (event) => event.target.closest?.(".where")?.classList.remove("shut");

document.addEventListener("keydown", (event) => { if (event.key === "Escape") shut(); });
for (const kind of ["mouseover", "focusin", "click"]) document.addEventListener(kind, open);
document.addEventListener("click", (event) => {
  const word = event.target.closest(".word");
  if (word) word.focus(); // Safari gives a button that is touched no focus
  else if (!event.target.closest(".from")) document.activeElement?.matches(".word") && document.activeElement.blur();
});
