/* The plain pages' forms: show what is typed as a password, and send a form once. */
addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-reveal], [data-back]")) button.hidden = false;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-back]")) history.back();
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

// The browser may show this very page again when one goes back to it.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
