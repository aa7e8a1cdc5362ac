/** Generated from exception.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, nullable, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';

/** Traffic that an isolation allows besides the gateways: a profile's exceptions. Numeric, both families. */
export interface Exception {
  /** As seen from the endpoint: `out` is what it may reach, `in` is who may reach it. Answers pass too. */
  direction: 'in' | 'out';
  protocol: 'tcp' | 'udp';
  /** An address or a network, `192.0.2.0/24`, `2001:db8::/32`. */
  network: string;
  /** First and last port, of the endpoint for `in` and of the peer for `out`; null for all. */
  ports: { first: number; last: number } | null;
}
export const exceptionShape: Shape<Exception> = object({
  direction: oneOf(['in', 'out'], 'out'),
  protocol: oneOf(['tcp', 'udp'], 'tcp'),
  network: text({ min: 2, max: 49 }),
  ports: nullable(object({ first: integer({ min: 1, max: 65_535 }), last: integer({ min: 1, max: 65_535 }) })),
});
