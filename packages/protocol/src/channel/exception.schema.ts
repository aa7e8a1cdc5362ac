/** Exceptions of an isolation. */
import { Type } from 'typebox';

/** Traffic that an isolation allows besides the gateways: a profile's exceptions. Numeric, both families. */
export const Exception = Type.Object({
  /** As seen from the endpoint: `out` is what it may reach, `in` is who may reach it. Answers pass too. */
  direction: Type.Enum(['in', 'out'], { unknown: 'out' }),
  protocol: Type.Enum(['tcp', 'udp'], { unknown: 'tcp' }),
  /** An address or a network, `192.0.2.0/24`, `2001:db8::/32`. */
  network: Type.String({ minLength: 2, maxLength: 49 }),
  /** First and last port, of the endpoint for `in` and of the peer for `out`; null for all. */
  ports: Type.Union([
    Type.Object({
      first: Type.Integer({ minimum: 1, maximum: 65_535 }),
      last: Type.Integer({ minimum: 1, maximum: 65_535 }),
    }),
    Type.Null(),
  ]),
});
