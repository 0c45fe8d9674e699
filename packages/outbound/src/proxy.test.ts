import { connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCertificates } from './testing/certificates.ts';
import { anOutbound, closeOutbounds, namesOf, post } from './testing/outbound-world.ts';
import { startHttp, startHttps, startProxy, stopServers, type TestServer } from './testing/servers.ts';

let certificates: { key: string; cert: string; caFile: string };

beforeAll(async () => {
  certificates = await makeCertificates('target.example');
});

afterEach(async () => {
  await closeOutbounds();
  await stopServers();
});

/** A proxy that leads all tunnels to one server, and answers other requests itself; what it was asked for. */
async function startNotingProxy(
  target: TestServer | null,
): Promise<{ server: TestServer; asked: string[]; authorizations: (string | undefined)[] }> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = await startProxy(
    (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      authorizations.push(request.headers['proxy-authorization']);
      response.end('by the proxy');
    },
    (name, socket) => {
      asked.push(`CONNECT ${name}`);
      if (target === null) {
        socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
        return;
      }
      const onward = connect(target.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
    },
  );
  return { server, asked, authorizations };
}

/** It knows nobody: as where only the proxy can resolve the names of others. */
const { resolve } = namesOf({ 'inside.example': ['10.0.0.1'], 'direct.example': ['127.0.0.1'] });

describe('through a proxy', () => {
  it('https goes in a tunnel, and begins when that is there', async () => {
    const target = await startHttps((_request, response) => response.end('by the target'), certificates);
    const proxy = await startNotingProxy(target);
    // The proxy's own address is allowed by nothing: it is the operator's.
    const outbound = anOutbound(
      { httpsProxy: `http://localhost:${proxy.server.port}`, caFile: certificates.caFile, outboundAllow: [] },
      resolve,
    );
    let askedThen: string[] = [];
    const begin = (): void => {
      askedThen = [...proxy.asked];
    };
    const result = await post(outbound, 'https://target.example/', { begin });
    expect(result).toMatchObject({ success: true, status: 200 });
    if (result.success) expect(result.body.toString()).toBe('by the target');
    expect(askedThen).toEqual(['CONNECT target.example:443']);
  });

  it('http is asked of it, with its user name and password', async () => {
    const proxy = await startNotingProxy(null);
    const httpProxy = `http://name:word@127.0.0.1:${proxy.server.port}`;
    const result = await post(anOutbound({ httpProxy }, resolve), 'http://target.example/path?x=1');
    expect(result).toMatchObject({ success: true, status: 200 });
    expect(proxy.asked).toEqual(['POST http://target.example/path?x=1']);
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('name:word').toString('base64')}`]);
  });

  it('a request whose tunnel is refused has not begun', async () => {
    const proxy = await startNotingProxy(null);
    const httpsProxy = `http://127.0.0.1:${proxy.server.port}`;
    const result = await post(anOutbound({ httpsProxy }, resolve), 'https://target.example/');
    expect(result).toMatchObject({ success: false, reason: 'CONNECTION', began: false });
  });

  it('a request that the proxy wants a password for is not taken for one that is wrong', async () => {
    const proxy = await startProxy(
      (_request, response) => response.writeHead(407).end(),
      (_name, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
    );
    const url = `http://127.0.0.1:${proxy.port}`;
    const outbound = anOutbound({ httpProxy: url, httpsProxy: url }, resolve);
    expect(await post(outbound, 'http://target.example/')).toMatchObject({ success: false, reason: 'CONNECTION' });
    expect(await post(outbound, 'https://target.example/')).toMatchObject({ success: false, reason: 'CONNECTION' });
  });

  it('a private address is not asked for, nor a name that leads to one', async () => {
    const proxy = await startNotingProxy(null);
    const url = `http://127.0.0.1:${proxy.server.port}`;
    const outbound = anOutbound({ httpProxy: url, httpsProxy: url }, resolve);
    for (const host of ['10.0.0.1', '0xa.1', 'inside.example', '[::ffff:10.0.0.1]']) {
      expect(await post(outbound, `http://${host}/`)).toMatchObject({ reason: 'ADDRESS_REFUSED', began: false });
      expect(await post(outbound, `https://${host}/`)).toMatchObject({ reason: 'ADDRESS_REFUSED', began: false });
    }
    expect(proxy.asked).toEqual([]);
  });

  it('the deadline covers the check of the name', async () => {
    const proxy = await startNotingProxy(null);
    const outbound = anOutbound({ httpProxy: `http://127.0.0.1:${proxy.server.port}` }, () => new Promise(() => {}));
    const result = await post(outbound, 'http://target.example/', { deadlineMs: 50 });
    expect(result).toMatchObject({ success: false, reason: 'DEADLINE', began: false });
  });

  it('goes nothing that NO_PROXY names, which is checked like all that is connected to', async () => {
    const proxy = await startNotingProxy(null);
    const target = await startHttp((_request, response) => response.end('by the target'));
    const outbound = anOutbound(
      { httpProxy: `http://127.0.0.1:${proxy.server.port}`, noProxy: 'direct.example,inside.example' },
      resolve,
    );
    const result = await post(outbound, `http://direct.example:${target.port}/`);
    if (!result.success) throw new Error(result.error);
    expect(result.body.toString()).toBe('by the target');
    expect(await post(outbound, 'http://inside.example/')).toMatchObject({ reason: 'ADDRESS_REFUSED' });
    expect(proxy.asked).toEqual([]);
  });
});
