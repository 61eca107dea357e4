/* The keys that do something wherever one is. Those of a single letter or sign work outside of
   fields only, and can be turned off (WCAG 2.1.4). */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const SINGLE = "single-keys";
  const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

  /* Each returns whether there was something to do. */

  function press(control) {
    control?.click();
    return Boolean(control);
  }

  function write() {
    const field = $("#text") ?? $("#search input") ?? $("main textarea, main input[type=search]");
    field?.focus();
    return Boolean(field);
  }

  const copyLast = () => press([...document.querySelectorAll("[data-role=assistant] [data-copy-answer]")].at(-1));
  const editLast = () => press([...document.querySelectorAll("[data-role=user] [data-edit]")].at(-1));

  function openPalette() {
    parley.openPalette();
    return true;
  }

  /* What lies over the page has its own Escape. */
  function stop(target) {
    if (target.closest(".message-edit") || isCovered()) return false;
    return press($("[data-stop]"));
  }

  function isCovered() {
    return $("dialog[open], :popover-open") !== null;
  }

  function act({ key, code, target, shiftKey, altKey, ctrlKey, metaKey }) {
    const isCommand = isApple ? metaKey && !ctrlKey : ctrlKey && !metaKey;
    if (altKey) return false;
    if (isCommand && !shiftKey) return key.toLowerCase() === "k" && openPalette();
    if (ctrlKey && shiftKey && key.toLowerCase() === "o") return press($("#new-chat"));
    if (isCommand && (code === "Semicolon" || ";:".includes(key))) return copyLast();
    if (ctrlKey || metaKey) return false;
    if (key === "Escape") return shiftKey ? write() : stop(target);
    if (key === "ArrowUp" && target.id === "text" && !target.value) return editLast();
    return single(key, target);
  }

  function single(key, target) {
    const isField = target.matches("input, textarea, select, [contenteditable]");
    if (isField || isCovered() || localStorage.getItem(SINGLE) === "off") return false;
    if (key === "/") return write();
    return key === "?" && press($("#show-shortcuts"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || event.repeat) return;
    if (act(event)) event.preventDefault();
  });

  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-single-keys]")) localStorage.setItem(SINGLE, target.checked ? "on" : "off");
  });
  document.addEventListener("htmx:load", ({ target }) => prepare(target));
  prepare(document);

  /* The list of keys, in the dialog or as a page. */
  function prepare(part) {
    const choice = part.querySelector?.("[data-single-keys]");
    if (!choice) return;
    choice.checked = localStorage.getItem(SINGLE) !== "off";
    if (isApple) for (const kbd of part.querySelectorAll("kbd")) kbd.textContent = kbd.textContent.replace("Ctrl+K", "⌘K").replace("Ctrl+Shift+;", "⌘⇧;");
  }
})();
