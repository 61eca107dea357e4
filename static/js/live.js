/* What connects a page: its socket, and the requests that fail. */
(() => {
  const $ = (selector) => document.querySelector(selector);
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
    const mayChange = ({ dataset }) => "cut" in dataset || ["stopped", "failed"].includes(dataset.status);
    const live = messages.filter((message, i) => isLive(message) || (i === messages.length - 1 && mayChange(message)));
    const last = Math.max(0, ...messages.map(number));
    const { version = "" } = $("#conversations")?.dataset ?? {};
    const visible = document.visibilityState === "visible";
    socket.sendImmediately(JSON.stringify({ hello: { last, live: live.map(number), sidebar: version, visible } }));
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

  /* A message that is shown already is not added again; a whole branch takes the place of another. */
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    const article = target.id === "messages" && fragment.querySelector(":scope > article");
    if (article && document.getElementById(article.id)) event.preventDefault();
  });

  addEventListener("visibilitychange", () => {
    if (!socket) return;
    if (document.visibilityState === "visible") hello();
    else socket.sendImmediately(JSON.stringify({ hidden: true }));
  });
  addEventListener("offline", () => (banner.hidden = false));
  addEventListener("online", () => {
    if (!socket) return;
    banner.hidden = true;
    hello();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  addEventListener("DOMContentLoaded", () => {
    htmx.config.wsReconnectDelay = (attempt) => Math.min(500 * 2 ** attempt, 8000) * (0.5 + Math.random() / 2);
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
    if (![401, 404, 409, 422, 429].includes(status)) say(status >= 500 ? "unreachable" : "refused");
  });

  window.parley = { hello: () => socket && hello(), isConnected: () => socket !== null };
})();
