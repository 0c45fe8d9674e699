import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anOutbound, closeOutbounds, namesOf, post } from './testing/outbound-world.ts';
import { startHttp, stopServers, type TestServer } from './testing/servers.ts';

// A server that must not be reached listens on each loopback address that is refused: no test here passes because nobody
// was there.

let inside: TestServer;

beforeEach(async () => {
  inside = await startHttp((_request, response) => response.end('secret'), '0.0.0.0');
});

afterEach(async () => {
  await closeOutbounds();
  await stopServers();
});

describe('a private address', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '127.0.0.1.',
    '2130706433',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '017700000001',
    '0.0.0.0',
    '0',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '127。0。0。1',
    '%31%32%37.0.0.1',
  ])('is not connected to as %s', async (host) => {
    const outbound = anOutbound({ outboundAllow: [] });
    const result = await post(outbound, `http://${host}:${inside.port}/`);
    expect(result).toMatchObject({ success: false, reason: 'ADDRESS_REFUSED', began: false });
    expect(inside.connections).toBe(0);
  });

  it('is not connected to by a name that the system resolves', async () => {
    const outbound = anOutbound({ outboundAllow: [] });
    const result = await post(outbound, `http://localhost:${inside.port}/`);
    expect(result).toMatchObject({ success: false, reason: 'ADDRESS_REFUSED', began: false });
    expect(inside.connections).toBe(0);
  });

  it('is not connected to when it is one of several of a name', async () => {
    const { resolve } = namesOf({ 'several.example': ['127.0.0.1 127.0.0.2'] });
    const result = await post(anOutbound({}, resolve), `http://several.example:${inside.port}/`);
    expect(result).toEqual({
      success: false,
      reason: 'ADDRESS_REFUSED',
      began: false,
      error: expect.stringContaining(
        'several.example leads to an address that is not allowed: 127.0.0.2 is loopback. Allow it by HOOKLINE_OUTBOUND_ALLOW',
      ),
    });
    expect(inside.connections).toBe(0);
  });

  it('is connected to by its name, where that is allowed', async () => {
    const { resolve } = namesOf({ 'ci.internal': ['127.0.0.2'], 'other.internal': ['127.0.0.2'] });
    const outbound = anOutbound({ outboundAllow: ['ci.internal'] }, resolve);
    expect(await post(outbound, `http://ci.internal:${inside.port}/`)).toMatchObject({ success: true, status: 200 });
    expect(await post(outbound, `http://other.internal:${inside.port}/`)).toMatchObject({ reason: 'ADDRESS_REFUSED' });
  });
});

describe('a name whose answer changes', () => {
  it('is connected to at the address that was checked', async () => {
    // A check with a look-up of its own would take the first answer, and the socket the second.
    const { resolve, asked } = namesOf({ 'rebind.example': ['127.0.0.1', '127.0.0.2'] });
    const reached: (string | undefined)[] = [];
    const server = await startHttp((request, response) => {
      reached.push(request.socket.localAddress);
      response.end();
    }, '0.0.0.0');
    const outbound = anOutbound({}, resolve);
    expect(await post(outbound, `http://rebind.example:${server.port}/`)).toMatchObject({ success: true });
    expect(reached).toEqual(['127.0.0.1']);
    expect(asked).toEqual(['rebind.example']);
  });

  it('is checked again for each new connection', async () => {
    const { resolve } = namesOf({ 'rebind.example': ['127.0.0.1', '127.0.0.2'] });
    const server = await startHttp((_request, response) => response.setHeader('connection', 'close').end(), '0.0.0.0');
    const outbound = anOutbound({}, resolve);
    expect(await post(outbound, `http://rebind.example:${server.port}/`)).toMatchObject({ success: true });
    expect(await post(outbound, `http://rebind.example:${server.port}/`)).toMatchObject({ reason: 'ADDRESS_REFUSED' });
    expect(server.connections).toBe(1);
  });
});

describe('a redirect', () => {
  it('to a private address is an answer, and nothing is asked there', async () => {
    const location = `http://127.0.0.2:${inside.port}/`;
    const server = await startHttp((_request, response) => response.writeHead(307, { location }).end());
    for (const followWithinHost of [false, true]) {
      const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`, { followWithinHost });
      expect(result).toMatchObject({ success: true, status: 307, headers: { location } });
    }
    expect(inside.connections).toBe(0);
  });
});

describe('a URL', () => {
  it.each([
    ['not a URL', 'not a URL'],
    ['ftp://host/', 'a URL of the scheme ftp, not http or https'],
    ['file:///etc/passwd', 'a URL of the scheme file, not http or https'],
    ['http://user:password@host/', 'a URL with a user name or password'],
  ])('like %s is refused', async (url, error) => {
    expect(await post(anOutbound(), url)).toEqual({ success: false, reason: 'URL_INVALID', began: false, error });
  });
});
