/* One choice of light or dark for the whole site: the chat keeps it in "theme", this theme in
   "adminTheme" (as JSON). Runs before Alpine reads the latter. */
(() => {
  try {
    const chosen = localStorage.getItem("theme") ?? "auto";
    localStorage.setItem("adminTheme", JSON.stringify(chosen));
    document.addEventListener("alpine:initialized", () => {
      const admin = Alpine.$data(document.documentElement);
      Alpine.effect(() => {
        if (admin.adminTheme === "auto") localStorage.removeItem("theme");
        else localStorage.setItem("theme", admin.adminTheme);
      });
    });
  } catch {
    /* storage may be forbidden; the system's theme then holds */
  }
})();
