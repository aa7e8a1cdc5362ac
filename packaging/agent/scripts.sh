# What happens around an installation, for dpkg and rpm alike.

systemd_runs() { [ -d /run/systemd/system ]; }

after_install() {
  systemd-sysusers cordon-agent.conf
  systemd-tmpfiles --create cordon-agent.conf || true # Its folder may be a mount of somebody else's.
  if systemd_runs; then systemctl daemon-reload; fi
  systemctl enable --quiet cordon-agent.target cordon-enforcer.service cordon-link.service cordon-on-access.service cordon-scanner.service
  # Not before it is enrolled: the enforcer would end with 65.
  if systemd_runs && [ -e /var/lib/cordon/identity.json ]; then systemctl restart cordon-agent.target; fi
}

# Refuses to leave an endpoint that is cut off and has nobody left to release it.
before_remove() {
  if nft list table inet cordon >/dev/null 2>&1; then
    echo "This endpoint is isolated. Without its agent nobody could release it." >&2
    echo "Release it first: from the console, with \"cordon agents release\", or here with \"cordon-agent release --code …\"." >&2
    exit 1
  fi
  if systemd_runs; then systemctl stop cordon-agent.target; fi
  systemctl disable --quiet cordon-agent.target cordon-enforcer.service cordon-link.service cordon-on-access.service cordon-scanner.service
}

after_remove() {
  if systemd_runs; then
    systemctl daemon-reload
    systemctl reset-failed 'cordon-enforcer.service' 'cordon-link.service' 'cordon-on-access.service' 'cordon-scanner.service' 2>/dev/null || true # None had failed.
  fi
}

# Identity, desired state and what is in quarantine.
after_purge() {
  rm -rf /var/lib/cordon /run/cordon /run/motd.d/cordon
  rmdir --ignore-fail-on-non-empty /run/motd.d /etc/cordon 2>/dev/null || true # It was never there.
  if getent passwd cordon >/dev/null; then userdel cordon; fi
  if getent group cordon >/dev/null; then groupdel cordon; fi
}
