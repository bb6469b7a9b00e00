// The page of one source: what is to be pasted follows the form's name as it is typed; what came is said aloud.
"use strict";

const naming = document.querySelector(".name-form");

function fill(name) {
  const typed = name.trim().replace(/^\/+|\/+$/g, "");
  const put = typed ? encodeURIComponent(typed) : "…";
  for (const one of document.querySelectorAll("[data-template]")) {
    const text = one.dataset.template.replaceAll("{form}", () => put), button = one.parentElement.querySelector("[data-copy]");
    one.textContent = text;
    button.dataset.copy = text;
    button.classList.toggle("hide", text.includes("…"));
  }
  for (const one of document.querySelectorAll("[data-form]")) one.value = typed;
  const asked = new URLSearchParams(new FormData(naming));
  asked.set("form", typed);
  document.getElementById("live").dataset.poll = `${naming.dataset.live}?${asked}`;
  return asked;
}

naming?.addEventListener("input", () => fill(naming.elements.form.value));
naming?.addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `${naming.getAttribute("action")}?${fill(naming.elements.form.value)}`);
  say("The addresses below are this form's.");
});

let told = document.querySelector("#live [data-says]")?.dataset.says ?? "";
document.getElementById("live").addEventListener("renewed", (event) => {
  const says = event.target.querySelector("[data-says]")?.dataset.says ?? "";
  if (says && says !== told) say(says);
  told = says;
});
