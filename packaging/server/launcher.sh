#!/bin/sh
# The Cordon server and its Node. Whatever root types here runs as the server's user: what it writes must stay readable.
if [ "$(id -u)" -eq 0 ]; then exec runuser -u cordon-server -- "$0" "$@"; fi
exec /usr/lib/cordon-server/node --env-file-if-exists=/etc/cordon/server.env /usr/lib/cordon-server/bin/cordon-server.mjs "$@"
