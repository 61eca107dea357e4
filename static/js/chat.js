/* The box one writes in. */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const form = $("#composer");
  const box = $("#text");
  if (!form) return; // who may only read has none

  const BUSY = 409;
  const REFUSALS = [401, 404, BUSY, 422, 429];
  let pending = null;
  let refusal = 0;

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }

  function fill(text) {
    box.value = text;
    grow();
    parley.keepDraft();
    box.focus();
  }

  /* The server has `pending`; what was added while it was on its way stays. */
  function confirmSent() {
    if (pending === null) return;
    if (box.value.startsWith(pending)) box.value = box.value.slice(pending.length).trimStart();
    pending = null;
    grow();
    parley.draftSent();
    parley.toEnd();
  }

  box.addEventListener("input", grow);
  box.addEventListener("parley:draft", grow);
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
    if (parley.isConnected()) parley.hello();
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

  document.addEventListener("htmx:responseError", ({ detail }) => {
    refusal = detail.xhr.status;
    if (REFUSALS.includes(refusal) && detail.elt === form) pending = null;
  });

  for (const button of document.querySelectorAll("[data-fill]")) {
    button.addEventListener("click", () => fill(button.textContent));
  }

  grow();
  if (matchMedia("(hover: hover)").matches) box.focus();
})();
