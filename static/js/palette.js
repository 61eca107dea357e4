/* The palette: commands and chats by typing a few letters. The server makes the list; the field
   keeps the focus and names the chosen option, as in any combobox. */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const palette = $("#palette");
  const field = $("#palette-text");
  const told = $("#palette-told");
  const { conversation } = $("#app").dataset;

  const WAIT = 80;
  let timer = null;
  let asked = 0;
  let shown = 0;
  let isTaken = false; // Enter was pressed before the list was there

  const options = () => [...palette.querySelectorAll("[role=option]")];
  const chosen = () => palette.querySelector("[aria-selected=true]");

  function open() {
    if (palette.open) return palette.close();
    field.value = "";
    isTaken = false;
    palette.showModal();
    ask();
  }

  async function ask() {
    const number = ++asked;
    const query = new URLSearchParams({ q: field.value, conversation });
    const reply = await fetch(`/palette/?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    const html = reply?.ok && !reply.redirected ? await reply.text() : null;
    if (number < shown || number !== asked || !palette.open) return;
    shown = number;
    show(html);
  }

  function show(html) {
    if (html === null) {
      told.textContent = told.dataset.unreachable;
    } else {
      $("#palette-list").outerHTML = html;
      told.textContent = options().length ? "" : told.dataset.nothing;
    }
    told.hidden = !told.textContent;
    choose(options().find(isShown));
    if (isTaken) take();
  }

  const isShown = (option) => option.checkVisibility();

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option?.id ?? "");
  }

  function step(by) {
    const all = options().filter(isShown);
    const at = all.indexOf(chosen());
    if (all.length) choose(all.at((at + by) % all.length));
  }

  function take() {
    if (shown === asked) chosen()?.click();
    else isTaken = true;
  }

  field.addEventListener("input", () => {
    asked += 1; // what is on its way is for other words
    isTaken = false;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const act = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: take }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  palette.addEventListener("pointermove", ({ target }) => {
    const option = target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });

  /* An option is a link, opens its dialog (see parley.js), or stands for a control of the page. */
  palette.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || event.ctrlKey || event.metaKey) return;
    palette.close();
    if (!option.dataset.press) return;
    event.preventDefault();
    $(option.dataset.press)?.click();
  });

  parley.openPalette = open;
})();
