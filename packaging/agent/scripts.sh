# What happens around an installation, for dpkg and rpm alike.

units="cordon-agent.target cordon-enforcer.service cordon-link.service cordon-on-access.service cordon-scanner.service"

systemd_runs() { [ -d /run/systemd/system ]; }

# "first" for a first installation; later ones keep what an administrator has disabled, masked or stopped.
after_install() {
  systemd-sysusers cordon-agent.conf
  systemd-tmpfiles --create cordon-agent.conf || true # Its folder may be a mount of somebody else's.
  if systemd_runs; then systemctl daemon-reload; fi
  if [ "$1" = first ]; then systemctl enable --quiet $units || echo "The units of the agent are not enabled." >&2; fi
  # An agent that is not enrolled has nothing to restart.
  if systemd_runs; then systemctl try-restart cordon-agent.target $units || true; fi # Its log says why.
}

# When nft cannot tell, an enrolled endpoint counts as isolated.
isolated() {
  command -v nft >/dev/null || { [ -e /var/lib/cordon/identity.json ]; return; }
  nft list table inet cordon >/dev/null 2>&1
}

refuse_isolated() {
  isolated || return 0
  echo "This endpoint is isolated, or nft is missing to tell. Without its agent nobody could release it." >&2
  echo "Release it first: from the console, with \"cordon agents release\", or here with \"cordon-agent release --code …\"." >&2
  if systemd_runs; then systemctl start cordon-agent.target || true; fi # The message is what matters.
  exit 1
}

# Refuses to leave an endpoint that is cut off and has nobody left to release it.
before_remove() {
  refuse_isolated
  if systemd_runs; then systemctl stop cordon-agent.target $units; fi
  # An isolation may have arrived meanwhile.
  refuse_isolated
  systemctl disable --quiet $units || true # They may be masked.
  # Listed addresses: nobody would take them off the list here any more.
  nft delete table inet cordon_objects 2>/dev/null || true # There were none.
}

after_remove() {
  if systemd_runs; then
    systemctl daemon-reload
    systemctl reset-failed 'cordon-*' 2>/dev/null || true # None had failed.
  fi
}

# Identity, desired state and what is in quarantine. The user stays, as Debian's system users do.
after_purge() {
  rm -rf /var/lib/cordon /run/cordon /run/motd.d/cordon
  rmdir --ignore-fail-on-non-empty /etc/cordon 2>/dev/null || true # It was never there.
}
