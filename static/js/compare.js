/* Comparing models: Ctrl+Enter asks; the focus stays where it is when a part is drawn anew, and a
   screen reader is told once when there is something to vote on. */
(() => {
  const PARTS = ".compared, .verdict";
  let focused = null;

  document.querySelector("#id_prompt")?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form.requestSubmit();
  });

  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
    if (target.matches(PARTS) && target.contains(document.activeElement)) {
      focused = { part: target.id, id: document.activeElement.id };
    }
  });

  document.addEventListener("htmx:load", ({ target }) => {
    if (target.id === focused?.part) {
      (document.getElementById(focused.id) ?? target.querySelector("button, a"))?.focus({ preventScroll: true });
      focused = null;
    }
    if (target.id === "verdict") announce(target.querySelector("h2").textContent);
  });

  function announce(words) {
    const announcer = document.querySelector("#announcer");
    if (announcer.textContent !== words) announcer.textContent = words;
  }
})();
