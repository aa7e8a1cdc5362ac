/** A QR code, drawn in this browser as one path: what it says is secret, and goes nowhere. */
import type { JSX } from 'preact';
import { encode } from 'uqr';

interface QrCodeProps {
  readonly text: string;
  readonly label: string;
}

/** Light around it, in modules, as ISO/IEC 18004 wants it. */
const border = 4;

export function QrCode({ text, label }: QrCodeProps): JSX.Element {
  const { data, size } = encode(text, { ecc: 'M', border });
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg class="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <path d={dark.join('')} />
    </svg>
  );
}
