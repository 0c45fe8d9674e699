import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressPolicy, isAllowEntry } from './address-policy.ts';

const strict = addressPolicy([]);

describe('an address', () => {
  it.each([
    ['0.0.0.0', 'this host'],
    ['10.255.0.1', 'private'],
    ['100.100.100.200', "shared by a provider's customers"],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['168.63.129.16', "Azure's host"],
    ['169.254.169.254', 'link-local, where clouds serve credentials'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['::', 'this host'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['0:0:0:0:0:ffff:10.0.0.1', 'private'],
    ['64:ff9b::169.254.169.254', 'link-local, where clouds serve credentials'],
    ['::127.0.0.1', 'reserved'],
    ['64:ff9b:1::1', 'reserved'],
    ['100::1', 'reserved'],
    ['2002:7f00:1::', '6to4'],
    ['2001::1', 'reserved for protocols'],
    ['fd00:ec2::254', 'unique-local'],
    ['fe80::1%eth0', 'link-local'],
    ['ff02::1', 'multicast'],
    ['4000::1', 'reserved'],
    ['9000::1', 'reserved'],
  ])('%s is refused: %s', (address, what) => {
    expect(strict.refusal(address)).toBe(`${address} is ${what}`);
  });

  it.each([
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '192.0.1.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s is not refused', (address) => expect(strict.refusal(address)).toBeNull());

  it('is refused when it is none', () => {
    expect(strict.refusal('example.com')).toBe('example.com is no address');
  });

  it('of IPv4 is judged alike however IPv6 writes it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const outcome = strict.refusal(address)?.slice(address.length) ?? null;
        for (const written of [`::ffff:${address}`, `64:ff9b::${address}`, `0:0:0:0:0:FFFF:${address}`]) {
          expect(strict.refusal(written)?.slice(written.length) ?? null).toBe(outcome);
        }
      }),
    );
  });
});

describe('what is allowed', () => {
  it('are the addresses and ranges that are named, and no others', () => {
    const policy = addressPolicy(['10.1.0.0/16', '127.0.0.1', 'fd00::/8']);
    expect(policy.refusal('10.1.255.1')).toBeNull();
    expect(policy.refusal('::ffff:10.1.0.1')).toBeNull();
    expect(policy.refusal('127.0.0.1')).toBeNull();
    expect(policy.refusal('fd12::1')).toBeNull();
    expect(policy.refusal('10.2.0.1')).not.toBeNull();
    expect(policy.refusal('127.0.0.2')).not.toBeNull();
    expect(policy.refusal('fe80::1')).not.toBeNull();
  });

  it('of IPv6 says nothing about IPv4', () => {
    expect(addressPolicy(['::/0']).refusal('10.0.0.1')).not.toBeNull();
    expect(addressPolicy(['::/0']).refusal('::ffff:10.0.0.1')).not.toBeNull();
    expect(addressPolicy(['::/0']).refusal('::1')).toBeNull();
  });

  it('are hosts by their whole name', () => {
    const policy = addressPolicy(['Jenkins.internal']);
    expect(policy.allowsHost('jenkins.INTERNAL.')).toBe(true);
    expect(policy.allowsHost('a.jenkins.internal')).toBe(false);
    expect(policy.allowsHost('internal')).toBe(false);
  });

  it.each(['10.0.0.0/8', '::1', 'fd00::/8', 'localhost', 'jenkins.ci.svc.cluster.local', 'my_host'])(
    'can be %s',
    (text) => expect(isAllowEntry(text)).toBe(true),
  );

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0.0/8/9',
    '10.0.0/8',
    '300.1.1.1',
    'fd00::/129',
    'http://host',
    'host:80',
    '*.internal',
  ])('cannot be %j', (text) => expect(isAllowEntry(text)).toBe(false));
});
