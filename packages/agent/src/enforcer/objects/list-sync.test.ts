/** Catching up with the list: a change during a page is requested, and no server can keep us requesting. */
import { describe, expect, it } from 'vitest';
import type { ToLink } from '../../ipc/link-messages.ts';
import { ListSync } from './list-sync.ts';
import type { PageResult } from './object-list.ts';

const page = { document: '', signature: '' };

/** Pages over a list that accepts what the test says; records the requests in sequence. */
function site(revision: number): { pages: ListSync; asked: number[]; take: (result: PageResult) => void } {
  const asked: number[] = [];
  const list = { revision };
  let next: PageResult = { kind: 'refused', message: '' };
  const objects = {
    get revision() {
      return list.revision;
    },
    receive: () => {
      if (next.kind === 'applied') list.revision = next.revision;
      return next;
    },
  };
  const send = (message: ToLink): void => {
    if (message.type === 'objects-after') asked.push(message.revision);
  };
  const pages = new ListSync({ list: objects, send, log: () => {} });
  const take = (result: PageResult): void => {
    next = result;
    pages.receive(page);
  };
  return { pages, asked, take };
}

function applied(revision: number, more = false): PageResult {
  return { kind: 'applied', revision, more, changed: [], startsOver: false };
}

describe('catching up', () => {
  it('asks again when a change was announced while the page before it was on its way', () => {
    const { pages, asked, take } = site(5);
    pages.compare(6);
    pages.compare(7);
    take(applied(6));
    take(applied(7));
    expect(asked).toEqual([5, 6]);
  });

  it('is not kept asking by pages that lead nowhere', () => {
    const { pages, asked, take } = site(5);
    pages.compare(9);
    take(applied(6));
    take(applied(6));
    take(applied(6));
    expect(asked).toEqual([5, 6]);
  });

  it('follows a server that was set back', () => {
    const { pages, asked, take } = site(5);
    pages.begin(3);
    take(applied(3));
    expect(asked).toEqual([0]);
  });
});
