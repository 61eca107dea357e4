/* Passkeys, where the browser can use them: that needs HTTPS (or this machine) and a name. */
addEventListener("DOMContentLoaded", () => {
  const isAddress = /^[\d.]+$|:/.test(location.hostname);
  if (!window.PublicKeyCredential || !isSecureContext || isAddress) return;
  for (const part of document.querySelectorAll("[data-passkeys]")) part.hidden = false;
});

document.addEventListener("allauth.error", (event) => {
  event.preventDefault(); // or it would be written to the console only
  const trouble = document.getElementById("passkey-trouble");
  if (trouble) trouble.hidden = false;
});
