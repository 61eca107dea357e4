/* What is typed is kept: at once in this browser, and a moment later on the server, where other
   devices find it. The browser's copy goes when the server has the text. */
(() => {
  const app = document.querySelector("#app");
  const box = document.querySelector("#text");
  if (!box) return; // who may only read has none

  const PAUSE = 1000;
  const { user, conversation: place } = app.dataset;
  const conversation = place === "new" ? "" : place;
  const key = `draft:${user}:${place}`;
  let saved = box.value; // what the server has, as far as is known
  let timer = null;
  let saving = 0;

  function keep() {
    store(key);
    clearTimeout(timer);
    if (box.value !== saved) timer = setTimeout(save, PAUSE);
  }

  function store(key) {
    if (box.value === saved) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify({ text: box.value, at: Date.now() }));
  }

  function stored() {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  /* The server answers with what it has then: a draft of another device may be newer. */
  async function save({ age = 0, keepalive = false } = {}) {
    clearTimeout(timer);
    const text = box.value;
    const body = new URLSearchParams({ conversation, text, age });
    saving += 1;
    const kept = await ask("/drafts/", { method: "POST", body, keepalive });
    saving -= 1;
    if (kept === null) return;
    if (box.value === text) show(kept);
    else saved = kept;
  }

  async function ask(address, options) {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
    const headers = { "HX-Request": "true", "X-CSRFToken": token };
    const reply = await fetch(address, { ...options, headers }).catch(() => null);
    return reply?.ok ? (await reply.json()).text : null;
  }

  function show(text) {
    saved = text;
    if (box.value !== text) {
      box.value = text;
      box.dispatchEvent(new Event("parley:draft"));
    }
    store(key);
  }

  /* Looked at again, the page may be behind; what is in the box and not saved comes first. */
  async function refresh() {
    if (box.value !== saved) return save();
    const text = await ask(`/drafts/?${new URLSearchParams({ conversation })}`);
    if (text !== null && box.value === saved) show(text);
  }

  function flush(options) {
    if (box.value !== saved) save(options);
  }

  /* With the message the server has dropped its draft, but a save on its way may come after. */
  function sent() {
    saved = saving ? null : "";
    keep();
  }

  /* To a new chat, when the conversation is gone. */
  function move() {
    saved = null;
    if (box.value) store(`draft:${user}:new`);
    saved = box.value;
    localStorage.removeItem(key);
  }

  box.addEventListener("input", keep);
  box.addEventListener("blur", () => flush());
  addEventListener("online", () => flush());
  addEventListener("pagehide", () => flush({ keepalive: true }));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refresh();
    else flush({ keepalive: true });
  });

  const left = stored();
  if (left && left.text !== saved) {
    const age = saved ? Math.max(0, Date.now() - left.at) : 0;
    box.value = left.text;
    save({ age });
  } else localStorage.removeItem(key);

  Object.assign(parley, { keepDraft: keep, draftSent: sent, moveDraft: move });
})();
