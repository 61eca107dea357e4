/* The page's address follows what is looked for, so that reload and Back bring it again. */
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "found") return;
  const text = document.querySelector("#search input").value;
  history.replaceState(null, "", text ? `?${new URLSearchParams({ q: text })}` : location.pathname);
});
