/** The settings page: links to each setting. */
import type { JSX } from 'preact';
import { Link } from '../router/router.tsx';

const settings = [
  {
    to: '/administration/settings/automation-api-access',
    title: 'Automation API Access Settings',
    about: 'Applications that can call the Automation API, with their IDs and keys.',
  },
  {
    to: '/administration/settings/isolation-profiles',
    title: 'Isolation profiles',
    about: 'What isolated endpoints can still reach.',
  },
  {
    to: '/administration/settings/groups',
    title: 'Groups',
    about: 'How endpoints handle suspicious objects. Nothing is enforced until you turn it on for a group.',
  },
  {
    to: '/administration/settings/guard',
    title: 'Guard',
    about: 'How many endpoints one caller can isolate before approval is needed.',
  },
  {
    to: '/administration/settings/notifications',
    title: 'Notifications',
    about: 'Webhooks and syslog.',
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
