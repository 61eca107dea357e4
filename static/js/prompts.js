/* Prompts in the composer: a slash at the beginning of the box offers those of the library.

   The box stays a text box: it names the list and the chosen entry, which screen readers follow as
   they do in a combobox, a role that no box of several lines may have. */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const box = $("#text");
  const offers = $("#offers");
  const dialog = $("#dialog");
  if (!box || !offers) return;

  const WAIT = 120;
  let timer = null;
  let asked = 0;
  let isAsking = false;
  let enter = null; // pressed before the list was there
  let isDismissed = false;

  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-haspopup", "listbox");
  box.setAttribute("aria-controls", "offers-list");

  function typed() {
    return /^\/([^\n]{0,100})$/.exec(box.value)?.[1];
  }

  function options() {
    return [...offers.querySelectorAll("[role=option]")];
  }

  function chosen() {
    return offers.querySelector("[aria-selected=true]");
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (!box.value.startsWith("/")) isDismissed = false;
    const query = typed();
    if (query === undefined || isDismissed) return close();
    isAsking = true;
    timer = setTimeout(ask, query ? WAIT : 0, query);
  });

  async function ask(query) {
    const number = ++asked;
    const address = `${offers.dataset.from}?q=${encodeURIComponent(query)}`;
    const reply = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    const html = reply?.ok && !reply.redirected ? await reply.text() : "";
    if (number !== asked || query !== typed()) return;
    isAsking = false;
    show(html, query);
    if (enter) take(enter);
  }

  function show(html, query) {
    $("#offers-list").outerHTML = html || $("#offers-list").cloneNode().outerHTML;
    const [first] = options();
    if (!first && query) return hide();
    offers.hidden = false;
    $("#offers-told").textContent = $("#offers-list").dataset.told ?? "";
    if (first) choose(first);
  }

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  }

  function hide() {
    offers.hidden = true;
    box.removeAttribute("aria-activedescendant");
    $("#offers-told").textContent = "";
  }

  function close() {
    asked += 1;
    isAsking = false;
    enter = null;
    clearTimeout(timer);
    hide();
  }

  /* Before the composer's own listener, for which Enter sends. */
  document.addEventListener("keydown", (event) => {
    if (event.target !== box || event.isComposing || event.keyCode === 229) return;
    if ((offers.hidden && !isAsking) || !act(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  function act({ key, shiftKey }) {
    const all = options();
    const at = all.indexOf(chosen());
    if (key === "Escape") {
      isDismissed = true;
      close();
    } else if (key === "Enter" && isAsking) {
      enter = { shiftKey };
    } else if (!all.length || offers.hidden) {
      return false;
    } else if (key === "ArrowDown") {
      choose(all[(at + 1) % all.length]);
    } else if (key === "ArrowUp") {
      choose(all.at(at - 1));
    } else if (key === "Enter") {
      take({ shiftKey });
    } else {
      return false;
    }
    return true;
  }

  function take({ shiftKey }) {
    enter = null;
    const option = offers.hidden ? null : chosen();
    if (!option) box.form.requestSubmit();
    else if (shiftKey) open(option).click();
    else option.click();
  }

  offers.addEventListener("mousedown", (event) => {
    if (!event.target.closest("a")) event.preventDefault(); // the box keeps the focus
  });
  offers.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]");
    if (!option) return;
    if ("asks" in option.dataset) open(option);
    if (!option.dataset.dialog) fetchText(option.dataset.text).then(insert, () => null);
    close();
  });
  box.addEventListener("blur", ({ relatedTarget }) => offers.contains(relatedTarget) || close());

  /* A click then opens the dialog, see parley.js. */
  function open(option) {
    const { conversation } = $("#app").dataset;
    const place = conversation === "new" ? "" : `&conversation=${conversation}`;
    option.dataset.dialog = `${option.dataset.use}?from=composer${place}`;
    return option;
  }

  /* The dialog's own way to put what was filled in into the box. */

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-insert-filled]");
    if (!button) return;
    try {
      insert(await fetchText(button.dataset.insertFilled, button.form));
      dialog.close();
      box.focus();
    } catch {
      button.form.append($("#unreachable").content.cloneNode(true));
    }
  });

  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("#use-prompt textarea")) return;
    event.preventDefault();
    dialog.querySelector(".button-primary").click();
  });

  async function fetchText(address, form) {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
    const reply = await fetch(address, { method: "POST", body: new URLSearchParams(form && new FormData(form)), headers: { "X-CSRFToken": token } });
    if (!reply.ok || reply.redirected) throw new Error(String(reply.status));
    return reply.text();
  }

  function insert(text) {
    isDismissed = text.startsWith("/");
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
    box.setSelectionRange(text.length, text.length);
  }
})();
