import type { Mechanism } from 'kafkajs';

/**
 * SASL OAUTHBEARER (RFC 7628). KafkaJS's own takes any answer for a success; a broker that refuses a token says so in its
 * answer, and ends the connection at the next request, without a reason.
 */
export function oauthbearer(token: () => Promise<string>): Mechanism['authenticationProvider'] {
  return ({ saslAuthenticate }) => ({
    async authenticate() {
      const message = Buffer.from(`n,,\u0001auth=Bearer ${await token()}\u0001\u0001`);
      const refusal = await saslAuthenticate({
        request: { encode: () => withLength(message) },
        response: {
          decode: (answer) => answer.subarray(LENGTH_BYTES),
          parse: (challenge) => challenge.toString('utf8'),
        },
      });
      if (refusal)
        throw new Error(`SASL OAUTHBEARER authentication failed: the broker refuses the token${statusIn(refusal)}`);
    },
  });
}

const LENGTH_BYTES = 4;

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(message.length);
  return Buffer.concat([length, message]);
}

/** RFC 7628, 3.2.2: `{"status":"invalid_token"}`. */
function statusIn(refusal: string): string {
  try {
    const { status } = JSON.parse(refusal) as { status?: unknown };
    return typeof status === 'string' ? ` (${status})` : '';
  } catch {
    return '';
  }
}
