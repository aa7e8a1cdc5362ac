/** Detects whether a person is at the page: an unattended page must not keep its session alive. */

/** Without a key press, click or touch for this long, calls count as made by the page, not by a person. */
const thereFor = 60_000;

let lastSeen = Date.now();

for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart']) {
  window.addEventListener(kind, () => (lastSeen = Date.now()), { capture: true, passive: true });
}

export function isAnybodyThere(): boolean {
  return Date.now() - lastSeen < thereFor;
}
