/* What surrounds every page: requests, the sidebar as a whole, dialogs and the clipboard. */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const app = $("#app");
  const sidebar = $("#sidebar");
  const dialog = $("#dialog");
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

  /* Whatever changes something is sent once: not again while the answer is on its way, nor while
     the browser goes to another page. */

  const LEAVE_MS = 3_000;
  let isLeaving = false;
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, verb } = event.detail;
    if (verb === "post" && (isLeaving || elt.matches(":is(form, button).htmx-request"))) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
    if (xhr.getResponseHeader("HX-Redirect") === null) return;
    isLeaving = true;
    setTimeout(() => (isLeaving = false), LEAVE_MS); // it may have led to a place in this very page
  });

  const ONCE_MS = 10_000; // a download leaves this page where it is
  document.addEventListener("submit", (event) => {
    const { target: form, defaultPrevented } = event;
    if (defaultPrevented || form.method !== "post") return;
    if ("sent" in form.dataset) event.preventDefault();
    form.dataset.sent = "";
    setTimeout(() => delete form.dataset.sent, ONCE_MS);
  });

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

  /* Dialogs. */

  let opener = null;

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      event.preventDefault();
      openDialog(opener.dataset.dialog);
    }
    if (event.target.closest("dialog [data-close]")) close(event);
    const reset = event.target.closest("[data-reset]");
    if (reset) clear(document.getElementById(reset.dataset.reset));
    const button = event.target.closest("[data-copy], [data-copy-answer], [data-copy-text]");
    if (button) copy(button);
  });

  async function openDialog(address) {
    const request = htmx.ajax("GET", address, { source: dialog, target: dialog, swap: "innerHTML" });
    await request.catch(() => null); // the page tells of failed requests, see chat.js
  }

  /* Whatever is swapped into the dialog opens it, once htmx knows its forms: typed ahead, they would
     be sent as those of a page. */
  dialog.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target !== dialog || dialog.open) return;
    opener = nameOf(document.activeElement);
    dialog.showModal();
    dialog.querySelector("input[type=text], input:not([type])")?.select();
  });

  /* What had the focus before, by a name that it still has when it is drawn anew meanwhile. */
  function nameOf(element) {
    if (element.id) return `#${element.id}`;
    const holder = element.closest("[id]");
    return holder && element.classList.length ? `#${holder.id} .${element.classList[0]}` : null;
  }

  function clear(field) {
    field.value = "";
    field.focus();
  }

  function close(event) {
    event.preventDefault();
    dialog.close();
  }

  document.addEventListener("parley:done", () => dialog.open && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    if (opener && document.activeElement === document.body) $(opener)?.focus();
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
    if (button.matches("[data-copy-text]")) return button.dataset.copyText;
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
