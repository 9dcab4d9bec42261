/* A shared phone: a page that the browser kept in its memory must not come back with somebody's points after 退出.
   It leaves blank and, when it comes back, is asked for again. */
window.addEventListener("pagehide", (event) => {
  if (event.persisted) document.body.hidden = true;
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
