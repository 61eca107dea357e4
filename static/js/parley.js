/* What surrounds the conversation: requests, the sidebar, menus, dialogs and the clipboard. */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const app = $("#app");
  const sidebar = $("#sidebar");
  const dialog = $("#dialog");
  const menu = $("#entry-menu");
  const YEAR = "path=/;max-age=31536000;samesite=lax";

  /* Requests. Signing in in another tab changes the token, so it is read when it is needed. */

  function csrfToken() {
    return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  }

  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, headers, parameters } = event.detail;
    const token = csrfToken();
    if (token) {
      headers["X-CSRFToken"] = token;
      delete parameters.csrfmiddlewaretoken;
    }
    // htmx would take the address of a button used before, such as Stop's.
    if (elt.tagName === "FORM") event.detail.path = elt.getAttribute("hx-post");
  });

  document.addEventListener("submit", ({ target }) => {
    const field = target.elements.namedItem("csrfmiddlewaretoken");
    if (field) field.value = csrfToken() ?? field.value;
    if (target.matches("[data-sign-out]")) forgetDrafts();
  }, true);

  document.cookie = `timezone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)};${YEAR}`;

  function forgetDrafts() {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(`draft:${app.dataset.user}:`)) localStorage.removeItem(key);
    }
  }

  /* The sidebar: a rail or a column on wide screens, an overlay on narrow ones. */

  $("#collapse").addEventListener("click", ({ currentTarget }) => {
    const collapsed = app.toggleAttribute("data-collapsed");
    currentTarget.setAttribute("aria-expanded", String(!collapsed));
    document.cookie = `sidebar=${collapsed ? "collapsed" : "open"};${YEAR}`;
  });

  sidebar.addEventListener("toggle", ({ newState }) => {
    const isOpen = newState === "open";
    $("#main").inert = isOpen;
    $(isOpen ? "#new-chat" : "#open-sidebar").focus();
  });
  matchMedia("(min-width: 48rem)").addEventListener("change", () => sidebar.hidePopover());

  const list = $("#conversation-list");
  list.scrollTop = Number(sessionStorage.getItem("sidebar-scroll"));
  addEventListener("pagehide", () => sessionStorage.setItem("sidebar-scroll", list.scrollTop));

  /* A changed entry arrives in the inbox; only this page knows where it belongs. */
  document.addEventListener("htmx:load", ({ target }) => {
    if (target.parentElement?.id === "sidebar-inbox") file(target);
    if (target.id === "conversations") mark(target);
    if (target.id === "conversation-title") document.title = `${target.textContent} · Parley`;
  });

  function file(entry) {
    const shown = list.querySelector(`#${entry.id}`);
    const focused = shown?.contains(document.activeElement) && document.activeElement.className;
    const { place } = entry.dataset;
    delete entry.dataset.place;
    if (place === "gone") forget(entry);
    if (place === "gone" || (place === "here" && !shown)) entry.remove();
    else if (place === "here") shown.before(entry);
    else $("#conversations-today")?.prepend(entry);
    shown?.remove();
    mark(entry);
    if (focused) entry.querySelector(`.${focused}`)?.focus();
  }

  function mark(part) {
    part.querySelector(`a[href="${location.pathname}"]`)?.setAttribute("aria-current", "page");
  }

  /* What was being typed to a deleted conversation goes to a new one. */
  function forget(entry) {
    const id = entry.id.slice("conversation-".length);
    const draft = localStorage.getItem(`draft:${app.dataset.user}:${id}`);
    localStorage.removeItem(`draft:${app.dataset.user}:${id}`);
    if (draft && id === app.dataset.conversation) {
      localStorage.setItem(`draft:${app.dataset.user}:new`, draft);
    }
  }

  /* An entry's menu, one for all entries, and the dialogs it opens. */

  let chosen = null;

  document.addEventListener("click", (event) => {
    const more = event.target.closest(".entry-more");
    if (more) openMenu(event, more);
    const item = event.target.closest("[data-open]");
    if (item) openDialog(chosen.href.replace(/rename\/$/, item.dataset.open));
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      event.preventDefault();
      openDialog(opener.dataset.dialog);
    }
    if (event.target.closest("dialog [data-close]")) close(event);
    const button = event.target.closest("[data-copy], [data-copy-answer]");
    if (button) copy(button);
  });

  function openMenu(event, more) {
    event.preventDefault();
    chosen = more;
    menu.showPopover();
    const { bottom, top, left } = more.getBoundingClientRect();
    const below = bottom + menu.offsetHeight + 8 < innerHeight;
    menu.style.top = `${below ? bottom + 4 : top - menu.offsetHeight - 4}px`;
    menu.style.left = `${Math.min(left, innerWidth - menu.offsetWidth - 8)}px`;
    menu.querySelector("button").focus();
  }

  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll("button")];
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  });

  async function openDialog(address) {
    menu.hidePopover();
    const request = htmx.ajax("GET", address, { source: dialog, target: dialog, swap: "innerHTML" });
    await request.catch(() => null); // the page tells of failed requests, see chat.js
    if (!dialog.firstElementChild) return;
    dialog.showModal();
    dialog.querySelector("input[type=text], input:not([type])")?.select();
  }

  function close(event) {
    event.preventDefault();
    dialog.close();
  }

  document.addEventListener("parley:done", () => dialog.open && dialog.close());
  dialog.addEventListener("close", () => dialog.replaceChildren());

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.shiftKey && event.key.toLowerCase() === "o") {
      event.preventDefault();
      $("#new-chat").click();
    }
  });

  /* The clipboard. Browsers give it to pages by HTTPS or from this machine only. */

  async function copy(button) {
    const text = await textOf(button);
    await navigator.clipboard?.writeText(text).catch(() => copyBySelection(text));
    if (!navigator.clipboard) copyBySelection(text);
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1500);
  }

  async function textOf(button) {
    if (button.matches("[data-copy]")) return button.closest("figure").querySelector("pre").textContent;
    const shown = button.closest("article").querySelector("[data-content]").innerText;
    if (!navigator.clipboard) return shown; // it must be copied before this event is over
    const response = await fetch(button.dataset.copyAnswer).catch(() => null);
    return response?.ok && !response.redirected ? response.text() : shown;
  }

  function copyBySelection(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
})();
