/** The settings: a list of what can be set, each on its own page. */
import type { JSX } from 'preact';
import { Link } from '../site/router.tsx';

const settings = [
  {
    to: '/administration/settings/automation-api-access',
    title: 'Automation API Access Settings',
    about: 'Applications that may call the Automation API, with their IDs and keys.',
  },
  {
    to: '/administration/settings/isolation-profiles',
    title: 'Isolation profiles',
    about: 'What an isolated endpoint may still reach.',
  },
  {
    to: '/administration/settings/groups',
    title: 'Groups',
    about: 'What endpoints do about suspicious objects; nothing is enforced until a group says so.',
  },
  {
    to: '/administration/settings/guard',
    title: 'Guard',
    about: 'How much one caller may isolate before a second person must agree.',
  },
  {
    to: '/administration/settings/notifications',
    title: 'Notifications',
    about: 'Webhooks and syslog: who is told what happens.',
  },
] as const;

export function SettingsPage(): JSX.Element {
  return (
    <>
      <h1>Settings</h1>
      <ul class="cards">
        {settings.map((one) => (
          <li key={one.to}>
            <Link to={one.to}>{one.title}</Link>
            <p>{one.about}</p>
          </li>
        ))}
      </ul>
    </>
  );
}
