/* The list of conversations beside every page: where entries belong, and what is done with them. */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const app = $("#app");
  const list = $("#conversation-list");
  const menu = $("#entry-menu");
  const UNDO_MS = 10_000;

  list.scrollTop = Number(sessionStorage.getItem("sidebar-scroll"));
  addEventListener("pagehide", () => sessionStorage.setItem("sidebar-scroll", list.scrollTop));

  $("#show-projects")?.addEventListener("click", ({ currentTarget }) => {
    const projects = $("#nav-projects");
    projects.hidden = !projects.hidden;
    currentTarget.setAttribute("aria-expanded", String(!projects.hidden));
    document.cookie = `projects=${projects.hidden ? "closed" : "open"};path=/;max-age=31536000;samesite=lax`;
  });

  document.addEventListener("htmx:load", ({ target }) => {
    if (target.parentElement?.id === "sidebar-inbox") file(target);
    if (target.id?.startsWith("conversations")) settle(target);
    if (target.id === "conversation-title") document.title = `${target.textContent} · Parley`;
    if (target.querySelector?.("[data-fleeting]")) passBy(target);
  });

  /* What became of an entry arrives in the inbox; only this page knows where it belongs. */

  function file(entry) {
    const { place } = entry.dataset;
    const shown = entry.id ? list.querySelector(`#${entry.id}`) : null;
    const focused = shown?.contains(document.activeElement) && document.activeElement.className;
    if (place !== "unlisted") document.getElementById(entry.id.replace("conversation-", "archived-"))?.remove();
    entry.remove();
    shown?.remove();
    if (place === "stale") reload();
    if (place === "gone") forget(entry);
    if (!place) put(entry);
    if (focused) entry.querySelector(`.${focused}`)?.focus();
  }

  function put(entry) {
    const { group, order, tags = "" } = entry.dataset;
    const { tag } = $("#conversations").dataset;
    if (tag && !tags.split(",").includes(tag)) return;
    const beside = [...list.querySelectorAll(".entry")].filter(({ dataset }) => (dataset.group === "pinned") === (group === "pinned"));
    const next = beside.find(({ dataset }) => Number(dataset.order) < Number(order));
    const last = beside.findLast(({ dataset }) => dataset.group === group);
    if (next?.dataset.group === group) next.before(entry);
    else if (!next && group !== "pinned" && $("#show-more")) return; // it comes with the rest
    else if (last) last.after(entry);
    else found(entry, next);
    mark(entry);
  }

  /* A group that was not there, before that of `next`. */
  function found(entry, next) {
    const section = document.createElement("section");
    section.className = "period";
    const heading = document.createElement("h2");
    heading.textContent = entry.dataset.heading;
    const entries = document.createElement("ul");
    entries.append(entry);
    section.append(heading, entries);
    const periods = [...list.querySelectorAll(".period")];
    const following = entry.dataset.group === "pinned" ? periods[0] : next?.closest(".period");
    if (following) following.before(section);
    else periods.at(-1).after(section);
  }

  /* A part of the list that was loaded; what has moved meanwhile may be in it again. */
  function settle(part) {
    for (const entry of part.querySelectorAll(".entry")) {
      for (const other of list.querySelectorAll(`#${entry.id}`)) if (other !== entry) other.remove();
    }
    mark(part);
  }

  function mark(part) {
    part.querySelector(`a[href="${location.pathname}"]`)?.setAttribute("aria-current", "page");
  }

  function reload() {
    const { tag } = $("#conversations").dataset;
    const address = tag ? `/conversations/?tag=${encodeURIComponent(tag)}` : "/conversations/";
    htmx.ajax("GET", address, { source: "#conversations", target: "#conversations", swap: "outerHTML" }).catch(() => null);
  }

  /* What was being typed to a deleted conversation goes to a new one. */
  function forget(entry) {
    const id = entry.id.slice("conversation-".length);
    localStorage.removeItem(`draft:${app.dataset.user}:${id}`);
    if (id === app.dataset.conversation) parley.moveDraft?.();
  }

  /* An entry's menu, one for all entries. */

  let address = "";
  let byKeyboard = false;

  function choose(entry) {
    const { group, tags } = entry.dataset;
    address = entry.querySelector(".entry-link").pathname;
    for (const item of menu.querySelectorAll("[data-open]")) item.dataset.dialog = address + item.dataset.open;
    for (const item of menu.querySelectorAll("[data-for]")) item.hidden = (item.dataset.for === "pinned") !== (group === "pinned");
    $("#entry-tags").hidden = !tags;
    $("#entry-tags").textContent = (tags ?? "").split(",").map((tag) => `#${tag}`).join("  ");
  }

  function openMenu(event, more) {
    event.preventDefault();
    choose(more.closest(".entry"));
    menu.showPopover();
    const { bottom, top, left } = more.getBoundingClientRect();
    const below = bottom + menu.offsetHeight + 8 < innerHeight;
    menu.style.top = `${Math.max(8, below ? bottom + 4 : top - menu.offsetHeight - 4)}px`;
    menu.style.left = `${Math.min(left, innerWidth - menu.offsetWidth - 8)}px`;
    menu.querySelector("button").focus();
  }

  function send(event, item) {
    byKeyboard = event.detail === 0;
    if (item.dataset.send === "delete/") uncover();
    const values = "on" in item.dataset ? { on: "1" } : {};
    htmx.ajax("POST", address + item.dataset.send, { source: menu, target: "#notice", swap: "outerHTML", values }).catch(() => null);
  }

  document.addEventListener("click", (event) => {
    const more = event.target.closest(".entry-more");
    if (more) openMenu(event, more);
    const item = event.target.closest("#entry-menu button");
    if (item) menu.hidePopover();
    if (item?.dataset.send) send(event, item);
    const link = event.target.closest(".entry-link");
    if (link?.href === location.href && !event.ctrlKey && !event.metaKey) stay(event);
  });

  /* It is the page that is shown: nothing to load, and a second click may follow. */
  function stay(event) {
    event.preventDefault();
    uncover();
  }

  /* On a phone the list lies over the page, and over what that has to say. */
  function uncover() {
    if ($("#sidebar").matches(":popover-open")) $("#sidebar").hidePopover();
  }

  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll("button:not([hidden])")];
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  });

  function rename(event) {
    const entry = event.target.closest(".entry");
    if (!entry) return;
    event.preventDefault();
    choose(entry);
    menu.querySelector("[data-open='rename/']").click();
  }

  list.addEventListener("dblclick", rename);
  list.addEventListener("keydown", (event) => event.key === "F2" && rename(event));

  /* A notice with a way back goes by itself, but not from under a hand. */

  function passBy(notice) {
    const close = () => notice.replaceChildren();
    let timer = setTimeout(close, UNDO_MS);
    for (const name of ["pointerenter", "focusin"]) notice.addEventListener(name, () => clearTimeout(timer));
    for (const name of ["pointerleave", "focusout"]) {
      notice.addEventListener(name, () => {
        clearTimeout(timer);
        timer = setTimeout(close, UNDO_MS);
      });
    }
    if (byKeyboard) notice.querySelector("button").focus();
  }

  if (location.search.includes("deleted=")) history.replaceState(null, "", location.pathname);
  if ($("#notice [data-fleeting]")) passBy($("#notice"));
})();
