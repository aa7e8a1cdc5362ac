# What happens around an installation, for dpkg and rpm alike.

systemd_runs() { [ -d /run/systemd/system ]; }

# "first" for a first installation; later ones keep what an administrator has disabled or stopped.
after_install() {
  systemd-sysusers cordon-server.conf
  # It may hold the password of the database.
  chgrp cordon-server /etc/cordon/server.env
  chmod 0640 /etc/cordon/server.env
  if systemd_runs; then systemctl daemon-reload; fi
  if [ "$1" = first ]; then
    systemctl enable --quiet cordon-server.service || echo "cordon-server.service is not enabled." >&2
    if systemd_runs; then systemctl start cordon-server.service; fi
  elif systemd_runs; then
    systemctl try-restart cordon-server.service
  fi
}

before_remove() {
  if systemd_runs; then systemctl stop cordon-server.service; fi
  systemctl disable --quiet cordon-server.service || true # It may be masked.
}

after_remove() {
  if systemd_runs; then
    systemctl daemon-reload
    systemctl reset-failed cordon-server.service 2>/dev/null || true # It had not failed.
  fi
}

# The database in its folder, the keys and the certificate: agents enrolled with them can no longer be reached. The user stays.
after_purge() {
  rm -rf /var/lib/cordon-server
  rmdir --ignore-fail-on-non-empty /etc/cordon 2>/dev/null || true # It was never there.
}
