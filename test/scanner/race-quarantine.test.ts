/** Quarantine against an attacker who exchanges names for ten seconds: it touches only the right file. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Race, raceTime } from './race.ts';

const bad = 'bad content';
let race: Race;

beforeEach(() => {
  race = new Race();
});

afterEach(async () => {
  await race.close();
});

test('a folder that turns into a link to the victims, whose files have the same names and content', async () => {
  const names = Array.from({ length: 4000 }, (_none, at) => `bad-${at}`);
  mkdirSync(race.path('arena', 'folder'));
  for (const name of names) writeFileSync(race.path('arena', 'folder', name), bad);
  for (const name of names) writeFileSync(race.path('victims', name), bad);
  const inodes = new Map(names.map((name) => [name, lstatSync(race.path('arena', 'folder', name)).ino]));
  const victims = names.map((name) => lstatSync(race.path('victims', name)).ino);
  symlinkSync(race.path('victims'), race.path('arena', 'link'));
  await race.attack(race.path('arena', 'folder'), race.path('arena', 'link'), race.path('arena', 'aside'));
  const [left, tally] = [[...names], { attempts: 0, taken: 0 }];
  for (const end = performance.now() + raceTime; performance.now() < end && left.length > 0;) {
    const name = left.shift() ?? '';
    tally.attempts += 1;
    if (race.take(race.path('arena', 'folder', name), { inode: inodes.get(name) ?? 0, content: bad })) tally.taken += 1;
    else left.push(name);
  }
  await race.endAttack();
  expect(names.map((name) => lstatSync(race.path('victims', name)).ino)).toEqual(victims);
  expect(readdirSync(race.path('victims')).length).toBe(names.length);
  expect(readdirSync(race.path('arena', 'folder')).sort()).toEqual(left.sort());
  expect(race.quarantine.list().length).toBe(tally.taken);
  expect(tally.taken).toBeGreaterThan(0);
  expect(tally.attempts).toBeGreaterThan(tally.taken);
  expect(race.exchanges).toBeGreaterThan(1000);
}, 180_000);

test('a name that turns into another file in the same folder', async () => {
  const tally = { taken: 0, rounds: 0 };
  const folders: { folder: string; innocent: number; taken: boolean }[] = [];
  for (const end = performance.now() + raceTime; performance.now() < end; tally.rounds += 1) {
    const folder = race.path('arena', String(tally.rounds));
    mkdirSync(folder);
    writeFileSync(`${folder}/bad`, bad);
    writeFileSync(`${folder}/innocent`, 'innocent content');
    const [file, innocent] = [lstatSync(`${folder}/bad`).ino, lstatSync(`${folder}/innocent`).ino];
    race.round = tally.rounds;
    if (tally.rounds === 0)
      await race.attack(
        race.path('arena', '%', 'bad'),
        race.path('arena', '%', 'innocent'),
        race.path('arena', '%', 'aside'),
      );
    let taken = false;
    for (let attempt = 0; attempt < 20 && !taken; attempt += 1)
      taken = race.take(`${folder}/bad`, { inode: file, content: bad }) !== undefined;
    if (taken) tally.taken += 1;
    folders.push({ folder, innocent, taken });
  }
  await race.endAttack();
  for (const { folder, innocent, taken } of folders) {
    const files = readdirSync(folder).map((name) => `${folder}/${name}`);
    const left = files.filter((path) => lstatSync(path).ino === innocent).map((path) => readFileSync(path, 'utf8'));
    expect({ folder, left, files: files.length }).toEqual({ folder, left: ['innocent content'], files: taken ? 1 : 2 });
  }
  expect(tally.taken).toBeGreaterThan(0);
}, 180_000);
