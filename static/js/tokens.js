/* A field of words with commas between them becomes a row of words that can be taken out singly. */
(() => {
  function enhanceAll() {
    for (const field of document.querySelectorAll("input[data-tokens]:not([type=hidden])")) enhance(field);
  }

  function enhance(field) {
    const box = document.createElement("div");
    const typed = field.cloneNode();
    box.className = "tokens";
    field.type = "hidden";
    field.removeAttribute("id");
    typed.removeAttribute("name");
    typed.removeAttribute("data-tokens");
    typed.value = "";
    field.after(box);
    const words = () => field.value.split(",").map((word) => word.trim()).filter(Boolean);

    function set(list) {
      const known = new Map(list.map((word) => [word.toLowerCase(), word]));
      field.value = [...known.values()].join(", ");
      typed.placeholder = known.size ? "" : field.placeholder;
      box.replaceChildren(...[...known.values()].map(token), typed);
    }

    function token(word) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "tag";
      button.textContent = `${word} ×`;
      button.setAttribute("aria-label", `${field.dataset.remove}: ${word}`);
      button.addEventListener("click", () => {
        set(words().filter((other) => other !== word));
        typed.focus();
      });
      return button;
    }

    function take() {
      const more = typed.value.split(",").map((word) => word.trim().replace(/^#+/, "")).filter(Boolean);
      typed.value = "";
      if (more.length) set([...words(), ...more]);
      typed.focus();
    }

    typed.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "," || (event.key === "Enter" && typed.value.trim())) {
        event.preventDefault();
        take();
      } else if (event.key === "Backspace" && !typed.value) {
        set(words().slice(0, -1));
        typed.focus();
      }
    });
    field.form.addEventListener("htmx:configRequest", ({ detail }) => {
      take();
      detail.parameters[field.name] = field.value;
    });
    set(words());
    typed.focus();
  }

  document.addEventListener("htmx:afterSwap", enhanceAll); // at once, before anything can be typed
  enhanceAll();
})();
