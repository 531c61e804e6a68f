/* A live page in a frame tells its height, so that it needs no scroll bar of its own. */
addEventListener("message", (event) => {
  const height = Number(event.data && event.data.vmoHeight);
  if (!height) return;
  for (const frame of document.querySelectorAll(".live iframe"))
    if (frame.contentWindow === event.source) frame.style.height = Math.min(Math.max(height, 200), 3200) + 2 + "px";
});

/* The present lesson is in sight in the menu, also where the menu is wider than the screen. */
const here = document.querySelector(".menu [aria-current]"), menu = document.querySelector(".menu ul");
if (here && menu) menu.scrollLeft = here.offsetLeft - menu.clientWidth / 2 + here.offsetWidth / 2;
