/** A database's URL without what it says about TLS, and that. */
export type PlainDatabaseUrl =
  | {
      success: true;
      url: string;
      /** Undefined where it says nothing. */ tls: boolean | undefined;
      hasPassword: boolean;
    }
  | { success: false; reason: string };

/** What drivers read from a URL, each in its own way. */
const OF_TLS = ['ssl', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation', 'uselibpqcompat'];

/**
 * Takes TLS out of a URL: `sslmode` may say `verify-full` or `disable`. All else is refused, as what neither encrypts for
 * sure nor looks whose certificate it is.
 */
export function plainDatabaseUrl(text: string): PlainDatabaseUrl {
  const url = new URL(text);
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && mode !== 'verify-full' && mode !== 'disable') {
    return {
      success: false,
      reason:
        `HOOKLINE_DATABASE_URL says sslmode=${mode}, which does not check whose certificate it is: leave it out and set ` +
        'HOOKLINE_DATABASE_TLS=true, with HOOKLINE_DATABASE_CA_FILE where the authority is not a public one.',
    };
  }
  const others = OF_TLS.filter((name) => url.searchParams.has(name));
  if (others.length > 0) {
    return {
      success: false,
      reason:
        `HOOKLINE_DATABASE_URL says ${others.join(' and ')}: leave it out and set HOOKLINE_DATABASE_TLS, ` +
        'HOOKLINE_DATABASE_CA_FILE, HOOKLINE_DATABASE_CERT_FILE and HOOKLINE_DATABASE_KEY_FILE as needed.',
    };
  }
  url.searchParams.delete('sslmode');
  return {
    success: true,
    url: mode === null ? text : url.href,
    tls: mode === null ? undefined : mode === 'verify-full',
    hasPassword: url.password !== '' || url.searchParams.has('password'),
  };
}
