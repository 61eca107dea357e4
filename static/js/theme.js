/* Runs in the head before anything is drawn, so that a chosen theme never flashes the other. What
   the account says holds for every device; without one, or before one chose, this browser's own. */
(() => {
  const root = document.documentElement;
  let ofAccount = root.dataset.accountTheme;

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

  function show() {
    const choice = ofAccount ?? stored();
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
    const current = root.dataset.theme ?? "system";
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === current));
    }
  }

  function tellAccount(theme) {
    ofAccount = theme;
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
    const headers = { "X-CSRFToken": token };
    fetch("/account/theme/", { method: "POST", headers, body: new URLSearchParams({ theme }) }).catch(() => null);
  }

  if (ofAccount) keep(ofAccount); // so that it is the same when one is signed out here
  show();
  document.addEventListener("DOMContentLoaded", show);
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== "theme") return;
    if (ofAccount) ofAccount = newValue ?? "system";
    show();
  });
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    keep(choice);
    if ("signedIn" in root.dataset) tellAccount(choice);
    show();
  });
})();
