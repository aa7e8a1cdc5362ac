/** The pages that a server shows to people. */

/** The page at `/`: that this is Cordon, and what to do next. Static: it holds nothing that was sent by anybody. */
export function startPage(): string {
  return page;
}

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Cordon</title>
  </head>
  <body>
    <main>
      <h1>Cordon is running</h1>
      <p>This server speaks the Apex Central Automation API below <code>/WebApp</code>.</p>
      <ul>
        <li>Sign in from a terminal: <code>cordon login --from data/first-run.json</code></li>
        <li>See the endpoints: <code>cordon agents list</code></li>
        <li>The API, described: <a href="/openapi.json">/openapi.json</a></li>
      </ul>
    </main>
  </body>
</html>
`;
