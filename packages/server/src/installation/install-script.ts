/** The script that installs the agent of this server on an endpoint, and enrols it. */
import type { Address } from '../config.ts';

export interface InstallScriptFacts {
  /** Where endpoints reach this server; the script tries them in this order. */
  readonly gateways: readonly Address[];
  /** Of the keys that a server may show: base64 of the SHA-256 of each. */
  readonly publicKeyPins: readonly string[];
}

/** A line that tries more servers is too long to read. */
const maxTried = 3;

/** How `curl` is called for it: one line for any Linux with curl, as root. */
export function installLine({ gateways, publicKeyPins }: InstallScriptFacts, token: string): string {
  const downloads = gateways
    .slice(0, maxTried)
    .map((gateway) => `curl --pinnedpubkey '${pinned(publicKeyPins)}' -kfsS ${urlOf(gateway)}/install.sh`);
  // In a pipe a failed download would count as a success of the empty script.
  // By printf, which is the shell's own: every user can read the arguments of a process.
  return `script=$(${downloads.join(' || ')}) && printf %s ${token} | sh -c "$script" sh -`;
}

/** As `curl --pinnedpubkey` takes them. */
function pinned(publicKeyPins: readonly string[]): string {
  return publicKeyPins.map((pin) => `sha256//${pin}`).join(';');
}

/** POSIX sh. Everything is in functions, so that half a download does nothing. */
export function installScript({ gateways, publicKeyPins }: InstallScriptFacts): string {
  const facts = { SERVERS: gateways.map(urlOf).join(' '), PINS: pinned(publicKeyPins) };
  return script.replace(
    /^(servers|pins)='(.*)(SERVERS|PINS)'$/gm,
    (_line, name, before, key: keyof typeof facts) => `${name}='${before}${facts[key]}'`,
  );
}

function urlOf({ host, port }: Address): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const script = String.raw`#!/bin/sh
# Installs the Cordon agent from this server, and enrols this endpoint:
#
#   sh install.sh TOKEN         install or update, enrol, start
#   sh install.sh -             the same with the token from standard input, where no process list shows it
#   sh install.sh               install or update only, as for a golden image
#
# An HTTP proxy is taken from https_proxy, as curl does it.
set -eu

servers='SERVERS'
# The public keys of the server: only they are trusted, not the signer of the certificate.
pins='PINS'

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

get() { curl --insecure --pinnedpubkey "$pins" --fail --silent --show-error --connect-timeout 10 --speed-limit 1000 --speed-time 60 "$@"; }

# Sets server to the first that answers.
choose_server() {
  for server in $servers; do
    if get --output "$work/SHA256SUMS" "$server/packages/SHA256SUMS"; then return; fi
  done
  fail "no server could be reached at: $servers"
}

# Sets kind to how this system installs, and pattern to the package for it.
choose_package() {
  case $(uname -m) in
    x86_64 | amd64) deb=amd64 rpm=x86_64 ;;
    aarch64 | arm64) deb=arm64 rpm=aarch64 ;;
    *) fail "there is no package for $(uname -m), only for x86_64 and aarch64." ;;
  esac
  if [ -e /var/lib/dpkg/status ] && command -v dpkg >/dev/null; then
    kind=deb pattern="  cordon-agent_[^ ]*_$deb\.deb\$"
  elif command -v rpm >/dev/null; then
    kind=rpm pattern="  cordon-agent-[^ ]*\.$rpm\.rpm\$"
  else
    kind=archive pattern="  cordon-agent-[^ ]*-linux-$deb\.tar\.xz\$"
  fi
  package=$(grep -- "$pattern" "$work/SHA256SUMS" | sed 's/.*  //' | newest)
  [ -n "$package" ] || fail "this server offers no $kind of the agent for $(uname -m). Put one into its package folder (CORDON_PACKAGES)."
}

# Of file names on lines, the one with the highest version: what follows the version must not count.
newest() { sed -E 's/(_[^_]*\.deb|-[^-]*\.rpm|-linux-[^-]*\.tar\.xz)$/ \1/' | sort -V | tail -n 1 | tr -d ' '; }

install_package() {
  echo "Downloading $package from $server"
  get --retry 20 --output "$work/$package" "$server/packages/$package"
  (cd "$work" && grep -F -- "  $package" SHA256SUMS | sha256sum --check --quiet -) || fail "$package was damaged on its way."
  case $kind in
    deb) if command -v apt-get >/dev/null; then
      DEBIAN_FRONTEND=noninteractive apt-get --option Dpkg::Options::=--force-confdef --option Dpkg::Options::=--force-confold \
        install --yes --quiet --no-install-recommends --allow-downgrades "$work/$package" </dev/null
    else dpkg --force-confdef --force-confold --install "$work/$package" </dev/null; fi ;;
    rpm) if command -v dnf >/dev/null; then dnf --assumeyes install "$work/$package"
    elif command -v yum >/dev/null; then yum --assumeyes install "$work/$package"
    elif command -v zypper >/dev/null; then zypper --non-interactive install --allow-unsigned-rpm "$work/$package"
    else rpm --upgrade "$work/$package"; fi ;;
    archive) mkdir "$work/files" && tar -xJf "$work/$package" -C "$work/files" --strip-components=1 && "$work/files/install.sh" ;;
  esac
}

enrol() {
  if [ -e /var/lib/cordon/identity.json ]; then
    echo "This endpoint is enrolled already; it stays as it is."
  else
    printf '%s' "$1" | cordon-agent enrol -
  fi
  [ -d /run/systemd/system ] || { echo "systemd does not run here: start the agent with \"cordon-agent run\"."; return; }
  systemctl start cordon-agent.target
  for unit in enforcer link on-access scanner; do
    systemctl is-active --quiet "cordon-$unit" || fail "cordon-$unit does not run: journalctl -u cordon-$unit says why."
  done
  echo "The agent runs. See: cordon-agent status"
}

main() {
  [ "$(id -u)" -eq 0 ] || fail "run this as root."
  command -v curl >/dev/null || fail "curl is missing; install it first."
  [ $# -le 1 ] || fail "it takes one enrolment token at most."
  if [ $# -eq 1 ] && [ "$1" = - ]; then
    token=$(cat)
    [ -n "$token" ] || fail "there is no token on standard input."
    set -- "$token"
  fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  choose_server
  choose_package
  install_package
  if [ $# -eq 1 ]; then enrol "$1"; else echo "Installed. Enrol it with: cordon-agent enrol TOKEN"; fi
}

main "$@"
`;
