/** The two encodings in which GitHub sends a payload: the body itself, or the form field `payload`. */
export type PayloadEncoding = 'json' | 'form';

const ENCODINGS: Record<string, PayloadEncoding> = {
  'application/json': 'json',
  'application/x-www-form-urlencoded': 'form',
};

const CHARSET = /^charset\s*=\s*"?([^"]*)"?$/i;

/** The encoding that a `Content-Type` header names, or undefined for any other media type, or charset than UTF-8. */
export function payloadEncoding(contentType: string | undefined): PayloadEncoding | undefined {
  const [mediaType = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  const otherCharset = parameters.some((parameter) => {
    const charset = CHARSET.exec(parameter)?.[1];
    return charset !== undefined && charset.toLowerCase() !== 'utf-8';
  });
  const name = mediaType.toLowerCase();
  return otherCharset || !Object.hasOwn(ENCODINGS, name) ? undefined : ENCODINGS[name];
}
