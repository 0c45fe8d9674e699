/** What the names of variables begin with that secure a kind of connection. */
export type SecuredBy = 'HOOKLINE_KAFKA' | 'HOOKLINE_KAFKA_OAUTH' | 'HOOKLINE_REGISTRY' | 'HOOKLINE_DATABASE';

const UNTRUSTED = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/**
 * What to do about a TLS connection that could not be made, as a phrase for behind the error's own message; undefined
 * where the error is none of TLS.
 */
export function adviceOnTls(error: unknown, prefix: SecuredBy): string | undefined {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (UNTRUSTED.includes(code)) {
    return `no authority that we trust has signed the server's certificate: ${prefix}_CA_FILE must hold the one that has`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return "the server's certificate is for another host: connect by a name that is in it";
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return "renew the server's certificate, or set the clock right";
  }
  if (/ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN)/.test(code)) {
    return `the server does not take our certificate: see ${prefix}_CERT_FILE and ${prefix}_KEY_FILE`;
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'the server does not speak TLS at this address';
  }
  if (/before secure TLS connection was established/.test(message)) {
    return `the server has ended the handshake: it speaks no TLS at this address, or asks for ${prefix}_CERT_FILE`;
  }
  return undefined;
}
