/* The messages as they scroll, and what becomes of one's place when they are drawn anew. */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const thread = $("#thread");
  const list = $("#messages");
  const jump = $("#jump");

  /* Scrolling follows the answer while its end is in sight. */

  let following = true;
  let lastTop = 0;

  function follow() {
    if (following) thread.scrollTop = thread.scrollHeight;
    jump.hidden = following;
  }

  function toEnd() {
    following = true;
    follow();
  }

  function isAtEnd(within) {
    return thread.scrollHeight - thread.scrollTop - thread.clientHeight < within;
  }

  thread.addEventListener("scroll", () => {
    following = isAtEnd(thread.scrollTop < lastTop ? 2 : 40);
    lastTop = thread.scrollTop;
    jump.hidden = following;
    thread.toggleAttribute("data-scrolled", lastTop > 0);
  });
  jump.addEventListener("click", () => {
    toEnd();
    $("#text")?.focus();
  });

  parley.toEnd = toEnd;
  const sizes = new ResizeObserver(follow);
  sizes.observe(thread);
  if (!list) return;
  sizes.observe(list);
  following = !document.getElementById(location.hash.slice(1));
  follow();

  /* What one looks at stays where it is while messages come, go or change: the control that has
     the focus, if another branch is drawn, or else the first message in sight. What one is typing
     (data-keep) is put aside meanwhile, until the message that it belongs to is there again. */

  let place = null;
  const aside = new Set();

  function remember(isBranch) {
    const focused = document.activeElement;
    const focus = list.contains(focused) && focused.id;
    const marks = isBranch && focus ? [focused] : [];
    if (marks.length || !following) marks.push(...inSight());
    place = { focus, marks: marks.map((mark) => [mark.id, topOf(mark)]) };
  }

  function inSight() {
    const top = topOf(thread);
    return [...list.querySelectorAll("article")].filter((message) => message.getBoundingClientRect().bottom > top).slice(0, 20);
  }

  function topOf(element) {
    return element.getBoundingClientRect().top;
  }

  function restore() {
    if (!place) return;
    const { focus, marks } = place;
    place = null;
    const [id, top] = marks.find(([id]) => document.getElementById(id)) ?? [];
    if (id) {
      thread.scrollTop += topOf(document.getElementById(id)) - top;
      following = isAtEnd(2);
    }
    if (!focus || list.contains(document.activeElement)) return;
    (document.getElementById(focus) ?? list.querySelector(".earlier"))?.focus({ preventScroll: true });
  }

  function putAside(part) {
    for (const kept of part.querySelectorAll("[data-keep]")) {
      aside.add(kept);
      kept.remove();
    }
  }

  function putBack() {
    for (const kept of aside) {
      const text = document.getElementById(kept.dataset.keep)?.querySelector("[data-content]");
      text?.after(kept);
      if (text || !kept.dataset.keep) aside.delete(kept);
    }
  }

  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
    const isBranch = target === list && fragment.querySelector(".messages-part") !== null;
    if (!isBranch && !target.matches("article.message, .rating")) return;
    if (!place) remember(isBranch);
    putAside(target);
  });
  document.addEventListener("htmx:wsAfterMessage", () => {
    if (aside.size) putBack();
    restore();
  });

  /* Earlier messages come before one has reached the first. */

  const nearTop = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => htmx.trigger(target, "near")),
    { root: thread, rootMargin: "2000px 0px 0px" },
  );

  function watch(part) {
    const earlier = part.querySelector(".earlier");
    if (earlier) nearTop.observe(earlier);
  }

  document.addEventListener("htmx:beforeSwap", ({ target }) => target.matches(".earlier") && remember(false));
  document.addEventListener("htmx:afterSwap", ({ target }) => target.matches(".messages-part") && restore());
  document.addEventListener("htmx:load", ({ target }) => target.matches(".messages-part") && watch(target));
  addEventListener("DOMContentLoaded", () => watch(list)); // htmx is there by then
})();
