/** Watches for a renewed certificate and for announced keys, while the server runs. */
import type { Base } from '../base.ts';
import type { Connections } from '../gateway/connections.ts';
import type { Outbound } from '../gateway/outbound.ts';
import type { Room } from '../room.ts';

export interface CertificateRenewalDeps {
  readonly connections: Connections;
  readonly outbound: Outbound;
}

/** How long a renewed certificate, or an announced key, may wait. */
const lookIntervalMs = 2000;

export function openCertificateRenewal(
  { certificate, pins }: Pick<Base, 'certificate' | 'pins'>,
  { connections, outbound }: CertificateRenewalDeps,
): Room {
  let known = pins.all;
  let isLooking = false;
  const look = async (): Promise<void> => {
    // A database that hangs must not be asked again and again.
    if (isLooking) return;
    isLooking = true;
    try {
      await pins.refresh();
      await certificate.reload();
      if (pins.all.join(' ') === known.join(' ')) return;
      // Every agent got a new desired state in the transaction that changed the keys.
      await outbound.sendDesiredOf([...connections.all()].map(({ agent }) => agent.number));
      known = pins.all;
    } catch (error) {
      process.emitWarning(`A renewed certificate could not be looked for: ${String(error)}`);
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), lookIntervalMs).unref();
  return { close: () => clearInterval(timer) };
}
