/* Thoughts stay open or folded as their reader left them, whatever is drawn anew. Those that are
   being thought begin as the last one that was. */
(() => {
  const CHOICE = "thoughts";
  const left = new Map();

  function all(element) {
    const within = [...element.querySelectorAll("details.thought")];
    return element.matches("details.thought") ? [element, ...within] : within;
  }

  function restore(thought) {
    const isWanted = thought.matches("[data-live]") && localStorage.getItem(CHOICE) === "open";
    thought.open = left.get(thought.id) ?? isWanted;
  }

  document.addEventListener("click", ({ target }) => {
    const thought = target.closest("summary")?.parentElement;
    if (thought?.matches(".thought[data-live]")) localStorage.setItem(CHOICE, thought.open ? "folded" : "open");
  });
  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
    for (const thought of all(target)) left.set(thought.id, thought.open);
  });
  document.addEventListener("htmx:load", ({ target }) => all(target).forEach(restore));
})();
