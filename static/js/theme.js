/* Runs in the head before anything is drawn, so that a chosen theme never flashes the other. */
(() => {
  const root = document.documentElement;

  function stored() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage may be forbidden; the system's theme then holds
    }
  }

  function keep(choice) {
    try {
      if (choice === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", choice);
    } catch {
      /* as above: the choice holds until the page is left */
    }
  }

  function show(choice) {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
    const current = root.dataset.theme ?? "system";
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === current));
    }
  }

  show(stored());
  document.addEventListener("DOMContentLoaded", () => show(stored()));
  addEventListener("storage", () => show(stored()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    keep(button.dataset.themeChoice);
    show(button.dataset.themeChoice);
  });
})();
