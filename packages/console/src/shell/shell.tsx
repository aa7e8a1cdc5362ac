/** The frame around every page: navigation, theme and the signed-in person. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { signOut } from '../session/session.ts';
import type { Me } from '../session/session.ts';
import { Connection } from './connection-status.tsx';
import { Icon } from '../widgets/icon.tsx';
import { menu } from './menu.ts';
import type { MenuItem } from './menu.ts';
import { Link, place } from '../router/router.tsx';
import { chooseTheme, theme } from './theme.ts';
import { titled } from '../router/title.ts';

interface ShellProps {
  readonly me: Me;
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Shell({ me, title, children }: ShellProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { path } = place.value;
  useEffect(() => {
    document.title = titled(title);
    setOpen(false);
  }, [path, title]);
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={() => main.current?.focus()}>
        Skip to content
      </a>
      <header class="top">
        <button
          type="button"
          class="menu-button"
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          <Icon name="menu" />
          <span class="unseen">Navigation</span>
        </button>
        <Link to="/" class="brand">
          <Icon name="cordon" /> Cordon
        </Link>
        <span class="grow" />
        <ThemeSwitch />
        <WhoAmI me={me} />
      </header>
      <nav id="navigation" class={open ? 'side open' : 'side'} aria-label="Main">
        <Menu path={path} />
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        <Connection />
        {children}
      </main>
    </div>
  );
}

function Menu({ path }: { path: string }): JSX.Element {
  return (
    <>
      {menu.map((section) => (
        <div key={section.title ?? 'main'}>
          {section.title === undefined ? null : <h2 id={`menu-${section.title}`}>{section.title}</h2>}
          <ul aria-labelledby={section.title === undefined ? undefined : `menu-${section.title}`}>
            {section.items
              .filter((item) => item.hidden?.() !== true)
              .map((item) => (
                <li key={item.to}>
                  <Link to={item.to} aria-current={isWithin(path, item) ? 'page' : undefined}>
                    <Icon name={item.icon} />
                    {item.title}
                  </Link>
                  {item.Count === undefined ? null : <item.Count />}
                </li>
              ))}
          </ul>
        </div>
      ))}
    </>
  );
}

function isWithin(path: string, { to }: MenuItem): boolean {
  return path === to || (to !== '/' && path.startsWith(`${to}/`));
}

const next = { system: 'light', light: 'dark', dark: 'system' } as const;

function ThemeSwitch(): JSX.Element {
  const now = theme.value;
  const label = `Theme: ${now}. Change to ${next[now]}`;
  return (
    <button type="button" class="plain icon" title={label} aria-label={label} onClick={() => chooseTheme(next[now])}>
      <Icon name={now} />
    </button>
  );
}

function WhoAmI({ me }: { me: Me }): JSX.Element {
  return (
    <>
      <Link to="/account" class="who">
        {me.user}
      </Link>
      <button type="button" class="plain" onClick={() => void signOut()}>
        Sign out
      </button>
    </>
  );
}
