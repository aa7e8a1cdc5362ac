/** Whether somebody sits before the page: a page that is only left open must not keep its session from ending. */

/** After this long without a key, a click or a touch, what the page asks for it asks for by itself. */
const thereFor = 60_000;

let lastSeen = Date.now();

for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart']) {
  window.addEventListener(kind, () => (lastSeen = Date.now()), { capture: true, passive: true });
}

export function isAnybodyThere(): boolean {
  return Date.now() - lastSeen < thereFor;
}
