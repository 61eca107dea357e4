/* How far an upload is; when all has arrived, the server reads it, for which nobody knows the time. */
document.addEventListener("htmx:xhr:progress", ({ detail }) => {
  const bar = document.getElementById("import-progress");
  if (!bar || !detail.lengthComputable) return;
  bar.hidden = false;
  if (detail.loaded < detail.total) bar.value = (100 * detail.loaded) / detail.total;
  else bar.removeAttribute("value");
});
