/** The search and the filters of a list. They are kept in the address, so that it can be shared and revisited. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link, place, setQuery } from '../router/router.tsx';
import type { Choices, ListHead } from './use-list.ts';

type FiltersOf = Pick<ListHead<never>, 'nouns' | 'search' | 'filters'>;

export function Filters({ spec: { nouns, search, filters = [] } }: { spec: FiltersOf }): JSX.Element {
  return (
    <>
      {search === undefined ? null : <SearchField nouns={nouns} placeholder={search} />}
      {filters.map((filter) => (
        <Select key={filter.name} {...filter} />
      ))}
    </>
  );
}

/** A filter that another page has set; a click removes it. */
export function LinkedFilter({ title, names }: { title: string; names: readonly string[] }): JSX.Element {
  return (
    <button
      type="button"
      class="text"
      aria-label={`Remove filter ${title}`}
      onClick={() => setQuery(Object.fromEntries(names.map((name) => [name, ''])))}
    >
      {title} ✕
    </button>
  );
}

/** The link to the list without any filter. */
export function ShowAll({ nouns }: { nouns: string }): JSX.Element {
  return <Link to={place.value.path}>show all {nouns}</Link>;
}

/** How long a person may pause while typing before the list follows. */
const typingPauseMs = 150;

function SearchField({ nouns, placeholder }: { nouns: string; placeholder: string }): JSX.Element {
  const value = place.value.query.get('search') ?? '';
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // The search changed by a link or the back button; typing is not interrupted.
    if (document.activeElement !== field.current) setTyped(value);
  }, [value]);
  return (
    <input
      type="search"
      ref={field}
      aria-label={`Search ${nouns}`}
      placeholder={placeholder}
      value={typed}
      onInput={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setQuery({ search: text.trim() }), typingPauseMs);
      }}
    />
  );
}

function Select({ name, label, any, choices }: Choices): JSX.Element {
  const value = place.value.query.get(name) ?? '';
  return (
    <select aria-label={label} value={value} onChange={(event) => setQuery({ [name]: event.currentTarget.value })}>
      <option value="">{any}</option>
      {choices.map(([one, title]) => (
        <option key={one} value={one}>
          {title}
        </option>
      ))}
    </select>
  );
}
