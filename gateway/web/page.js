"use strict";
// The page is complete without this: it is only kept up to date.
const main = document.querySelector("main");
const stale = document.getElementById("stale");
const events = new EventSource(main.dataset.events);
events.onmessage = (event) => { main.innerHTML = event.data; stale.hidden = true; };
events.onerror = () => { stale.hidden = false; };
