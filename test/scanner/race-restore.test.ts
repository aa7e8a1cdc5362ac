/** Restore against an attacker who exchanges names for ten seconds: it never writes among the victims. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Race, raceTime } from './race.ts';

let race: Race;

beforeEach(() => {
  race = new Race();
});

afterEach(async () => {
  await race.close();
});

test('a folder that turns into a link to the victims', async () => {
  const names = Array.from({ length: 20 }, (_none, at) => `bad-${at}`);
  mkdirSync(race.path('arena', 'folder'));
  const copies = names.map((name) => {
    const path = race.path('arena', 'folder', name);
    writeFileSync(path, name);
    return { name, path, id: race.take(path, { inode: lstatSync(path).ino, content: name }) };
  });
  writeFileSync(race.path('victims', 'own'), 'own');
  symlinkSync(race.path('victims'), race.path('arena', 'link'));
  await race.attack(race.path('arena', 'folder'), race.path('arena', 'link'), race.path('arena', 'away'));
  const tally = { attempts: 0, restored: 0 };
  for (const end = performance.now() + raceTime; performance.now() < end;) {
    for (const copy of copies) {
      tally.attempts += 1;
      if (copy.id === undefined) copy.id = takeAgain(copy);
      else if (race.restore(copy.id)) {
        tally.restored += 1;
        copy.id = undefined;
      }
    }
  }
  await race.endAttack();
  expect(readdirSync(race.path('victims'))).toEqual(['own']);
  expect(readFileSync(race.path('victims', 'own'), 'utf8')).toBe('own');
  const held = copies.filter(({ id }) => id !== undefined).map(({ name }) => name);
  expect(readdirSync(race.path('arena', 'folder')).sort()).toEqual(names.filter((name) => !held.includes(name)).sort());
  expect(race.quarantine.list().length).toBe(held.length);
  expect(tally.restored).toBeGreaterThan(0);
  expect(tally.attempts).toBeGreaterThan(tally.restored);
  expect(race.exchanges).toBeGreaterThan(1000);
}, 180_000);

/** Checked through the folder as it is at that moment, so the check is a race as well. */
function takeAgain({ name, path }: { name: string; path: string }): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats && race.take(path, { inode: stats.ino, content: name });
}
