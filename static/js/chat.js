/* The conversation: its socket, its scrolling, and the box one writes in. */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const app = $("#app");
  const thread = $("#thread");
  const form = $("#composer");
  const box = $("#text");
  const jump = $("#jump");
  const banner = $("#connection");

  /* The socket. The page is its own record: on each opening it tells what it shows. */

  let socket = null;
  let drawn = 0;
  let lost = null;
  const RETRIED_BY_HTMX = [1006, 1011, 1012, 1013];
  const ACKNOWLEDGE_EVERY = 8;

  function hello() {
    const messages = [...document.querySelectorAll("article.message")];
    const isLive = ({ dataset }) => ["queued", "streaming"].includes(dataset.status);
    const mayChange = ({ dataset }) => ["stopped", "failed"].includes(dataset.status);
    const live = messages.filter((message, i) => isLive(message) || (i === messages.length - 1 && mayChange(message)));
    const last = Math.max(0, ...messages.map(number));
    const { version = "" } = $("#conversations")?.dataset ?? {};
    socket.sendImmediately(JSON.stringify({ hello: { last, live: live.map(number), sidebar: version } }));
  }

  function number(message) {
    return Number(message.id.slice("message-".length));
  }

  document.addEventListener("htmx:wsOpen", ({ detail }) => {
    socket = detail.socketWrapper;
    drawn = 0;
    clearTimeout(lost);
    lost = null;
    banner.hidden = true;
    $("#notice .notice-warning")?.remove();
    hello();
  });

  document.addEventListener("htmx:wsClose", ({ detail }) => {
    socket = null;
    lost ??= setTimeout(tellLoss, 2000);
    if (!RETRIED_BY_HTMX.includes(detail.event.code)) {
      setTimeout(() => detail.socketWrapper.reconnect(), 1000 + 2000 * Math.random());
    }
  });

  /* Lost for a while: is the server away, or are we signed out? */
  async function tellLoss() {
    banner.hidden = false;
    const reply = await fetch("/session/", { headers: { "HX-Request": "true", "HX-Current-URL": location.href } }).catch(() => null);
    if (reply?.status !== 401 || socket) return;
    banner.hidden = true;
    $("#notice").outerHTML = await reply.text();
  }

  document.addEventListener("htmx:wsAfterMessage", () => {
    drawn += 1;
    if (socket && drawn % ACKNOWLEDGE_EVERY === 0) socket.sendImmediately(JSON.stringify({ seen: drawn }));
  });

  /* A message that is shown already is not added again. */
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    const article = target.id === "messages" && fragment.querySelector("article");
    if (article && document.getElementById(article.id)) event.preventDefault();
  });

  addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && socket) hello();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  addEventListener("DOMContentLoaded", () => {
    htmx.config.wsReconnectDelay = (attempt) => Math.min(500 * 2 ** attempt, 8000) * (0.5 + Math.random() / 2);
  });

  /* Scrolling follows the answer while its end is in sight. */

  let following = true;
  let lastTop = 0;

  function toEnd() {
    thread.scrollTop = thread.scrollHeight;
  }

  function follow() {
    if (following) toEnd();
    jump.hidden = following;
  }

  thread.addEventListener("scroll", () => {
    const left = thread.scrollHeight - thread.scrollTop - thread.clientHeight;
    following = left < (thread.scrollTop < lastTop ? 2 : 40);
    lastTop = thread.scrollTop;
    jump.hidden = following;
    thread.toggleAttribute("data-scrolled", lastTop > 0);
  });
  jump.addEventListener("click", () => {
    following = true;
    follow();
    box.focus();
  });

  const sizes = new ResizeObserver(follow);
  sizes.observe(thread);
  if ($("#messages")) sizes.observe($("#messages"));
  toEnd();

  /* The box. What is typed is kept in the browser until the server has it. */

  const key = `draft:${app.dataset.user}:${app.dataset.conversation}`;
  const BUSY = 409;
  let pending = null;
  let refusal = 0;

  function keep() {
    grow();
    if (box.value) localStorage.setItem(key, box.value);
    else localStorage.removeItem(key);
  }

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }

  function fill(text) {
    box.value = text;
    keep();
    box.focus();
  }

  /* The server has `pending`; what was added while it was on its way stays. */
  function confirmSent() {
    if (pending === null) return;
    if (box.value.startsWith(pending)) box.value = box.value.slice(pending.length).trimStart();
    pending = null;
    keep();
    following = true;
    follow();
  }

  box.addEventListener("input", keep);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });

  form.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt !== form) return;
    if (!box.value.trim()) {
      event.preventDefault();
      box.focus();
    }
  });
  form.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt === form) pending = box.value;
  });
  form.addEventListener("parley:sent", ({ detail }) => {
    confirmSent();
    box.focus();
    setTimeout(() => check(detail.message), 1500);
  });

  /* The message should have come by the socket by now. */
  function check(id) {
    if (document.getElementById(`message-${id}`) || !$("#messages")) return;
    if (socket) hello();
    else location.reload();
  }

  document.addEventListener("htmx:load", ({ target }) => {
    if (refusal === BUSY && target.querySelector("[data-send]")) $("#notice").replaceChildren();
    if (!target.matches("article.message")) return;
    const { role, status } = target.dataset;
    // Drawn, though the reply to its sender may be slow or lost.
    if (role === "user" && pending?.trim() === target.querySelector("[data-content]").textContent.trim()) confirmSent();
    if (role === "assistant" && status === "done") $("#announcer").textContent = $("#announcer").dataset.finished;
  });

  /* Requests that failed without words of the server's own. */

  function say(id) {
    $("#notice").replaceChildren($(`#${id}`).content.cloneNode(true));
  }

  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => say("unreachable"));
  }
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const { status } = detail.xhr;
    refusal = status;
    if ([401, 404, BUSY, 422, 429].includes(status)) {
      if (detail.elt === form) pending = null;
    } else {
      say(status >= 500 ? "unreachable" : "refused");
    }
  });

  for (const button of document.querySelectorAll("[data-fill]")) {
    button.addEventListener("click", () => fill(button.textContent));
  }

  if (!box.value) box.value = localStorage.getItem(key) ?? "";
  grow();
  if (matchMedia("(hover: hover)").matches) box.focus();
})();
