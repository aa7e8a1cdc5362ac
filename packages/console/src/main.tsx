/** Starts the console in the page that the server sent. */
import { render } from 'preact';
import { learnSession } from './session/session.ts';
import { App } from './app.tsx';
import { applyTheme } from './shell/theme.ts';

applyTheme();
const place = document.querySelector('#app');
if (place === null) throw new Error('index.html has no #app.');
render(<App />, place);
void learnSession();
