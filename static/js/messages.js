/* What one does with a message: editing it in its place, and having another model answer. */
(() => {
  const list = document.querySelector("#messages");
  const menu = document.querySelector("#message-menu");
  if (!list || !menu) return;
  const { user } = document.querySelector("#app").dataset;

  /* The form takes the place of the message's text. What is typed outlives the page. */

  const keyOf = (form) => `draft:${user}:edit-${form.dataset.keep}`;

  function begin(form) {
    const { text } = form.elements;
    text.value = localStorage.getItem(keyOf(form)) ?? text.value;
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  }

  function end(form) {
    localStorage.removeItem(keyOf(form));
    delete form.dataset.keep;
    form.remove();
  }

  function cancel(form) {
    const article = form.closest("article");
    end(form);
    article.querySelector("[data-edit]").focus();
  }

  const editOf = (element) => element.closest(".message-edit");

  list.addEventListener("input", ({ target }) => {
    if (editOf(target)) localStorage.setItem(keyOf(editOf(target)), target.value);
  });
  list.addEventListener("keydown", (event) => {
    const form = editOf(event.target);
    if (!form || event.isComposing) return;
    if (event.key === "Escape") cancel(form);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  list.addEventListener("click", (event) => {
    if (!event.target.closest("[data-cancel]")) return;
    event.preventDefault();
    cancel(editOf(event.target));
  });
  document.addEventListener("htmx:load", ({ target }) => target.matches(".message-edit") && begin(target));

  /* The models that can answer again, beside the button. */

  list.addEventListener("click", async (event) => {
    const opener = event.target.closest("[data-menu]");
    if (!opener) return;
    event.preventDefault();
    menu.replaceChildren();
    await htmx.ajax("GET", opener.dataset.menu, { source: opener, target: menu, swap: "innerHTML" }).catch(() => null);
    if (menu.firstElementChild && opener.isConnected) open(opener);
  });

  function open(opener) {
    menu.showPopover();
    const { bottom, top, right } = opener.getBoundingClientRect();
    const isBelow = bottom + menu.offsetHeight + 8 < innerHeight;
    menu.style.top = `${isBelow ? bottom + 4 : Math.max(8, top - menu.offsetHeight - 4)}px`;
    menu.style.left = `${Math.max(8, right - menu.offsetWidth)}px`;
    (menu.querySelector("[aria-current]") ?? menu.querySelector("button"))?.focus();
  }

  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll("button")];
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  });

  /* What was asked for is at the end. */
  document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful, requestConfig } }) => {
    if (requestConfig.verb !== "post" || !elt.matches(".message-edit, #message-menu form")) return;
    menu.hidePopover();
    if (!successful) return;
    if (elt.dataset.keep) end(elt);
    parley.toEnd();
    if (matchMedia("(hover: hover)").matches) document.querySelector("#text")?.focus();
  });
})();
