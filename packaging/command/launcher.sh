#!/bin/sh
exec /usr/lib/cordon/node /usr/lib/cordon/bin/cordon.mjs "$@"
