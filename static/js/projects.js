/* The pages of a project: its list is asked for anew when something in it has changed. */
(() => {
  const page = document.querySelector("#project");
  let asked = null;

  function ask() {
    asked = null;
    const options = { source: "#project-conversations", target: "#project-conversations", swap: "outerHTML" };
    htmx.ajax("GET", page.dataset.list, options).catch(() => null);
  }

  /* What happened while the connection was lost is not told again. */
  let isFirst = true;
  document.addEventListener("htmx:wsOpen", () => {
    if (page && !isFirst) ask();
    isFirst = false;
  });

  /* What the socket brings comes by the sidebar's inbox: this project, or a chat that was in it. */
  document.addEventListener("htmx:load", ({ target }) => {
    if (!page || asked) return;
    const isInList = target.id?.startsWith("conversation-") && document.getElementById(`project-${target.id}`);
    if (target.id === `project-${page.dataset.project}` || isInList) asked = setTimeout(ask, 300);
  });

  /* Who has lost the project goes where theirs are. */
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (page && detail.xhr.status === 404 && detail.pathInfo.requestPath === page.dataset.list) location.assign("/projects/");
  });

  for (const form of document.querySelectorAll("[data-sends-itself]")) {
    form.querySelector("button").hidden = true;
    form.addEventListener("change", () => form.requestSubmit());
  }
})();
