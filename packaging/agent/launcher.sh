#!/bin/sh
# The Cordon agent and its Node. V8 keeps its heaps small: several of these processes run on each endpoint.
exec /usr/lib/cordon-agent/node --env-file-if-exists=/etc/cordon/agent.env --semi-space-growth-factor=1 --no-maglev \
  /usr/lib/cordon-agent/bin/cordon-agent.mjs "$@"
