import { describe, expect, test } from "vitest";
import { canonicalAddress, isNeverAddress, isPublicAddress } from "../../adapters/proof/fetch/address.ts";

describe("an address is public only when anybody on the internet could mean it", () => {
  test.each([
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.254",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80e::200e",
    "2620:4f:7fff::1",
    "2400::1",
  ])("%s is", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    ["unspecified", "0.0.0.0"],
    ["this network", "0.1.2.3"],
    ["private 10", "10.0.0.1"],
    ["private 10, last", "10.255.255.255"],
    ["carrier-grade NAT", "100.64.0.1"],
    ["carrier-grade NAT, last", "100.127.255.255"],
    ["Alibaba's metadata", "100.100.100.200"],
    ["loopback", "127.0.0.1"],
    ["loopback, another", "127.255.255.254"],
    ["link-local, the clouds' metadata", "169.254.169.254"],
    ["ECS's metadata", "169.254.170.2"],
    ["private 172.16", "172.16.0.1"],
    ["private 172.31", "172.31.255.255"],
    ["Azure's wire server", "168.63.129.16"],
    ["protocol assignments", "192.0.0.8"],
    ["Oracle's metadata", "192.0.0.192"],
    ["documentation 1", "192.0.2.1"],
    ["AS112", "192.31.196.1"],
    ["AMT", "192.52.193.1"],
    ["6to4 relay", "192.88.99.1"],
    ["private 192.168", "192.168.1.1"],
    ["AS112, DNAME", "192.175.48.1"],
    ["benchmarking", "198.18.0.1"],
    ["benchmarking, last", "198.19.255.255"],
    ["documentation 2", "198.51.100.1"],
    ["documentation 3", "203.0.113.1"],
    ["multicast", "224.0.0.1"],
    ["multicast, last", "239.255.255.255"],
    ["reserved", "240.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["IPv6 unspecified", "::"],
    ["IPv6 loopback", "::1"],
    ["IPv4-compatible", "::127.0.0.1"],
    ["IPv4-mapped loopback", "::ffff:127.0.0.1"],
    ["IPv4-mapped, hex", "::ffff:7f00:1"],
    ["IPv4-mapped public", "::ffff:8.8.8.8"],
    ["IPv4-translated", "::ffff:0:127.0.0.1"],
    ["NAT64", "64:ff9b::7f00:1"],
    ["NAT64, local use", "64:ff9b:1::a00:1"],
    ["discard only", "100::1"],
    ["Teredo", "2001::1"],
    ["Teredo with a loopback inside", "2001:0:7f00:1::80ff:fffe"],
    ["benchmarking", "2001:2::1"],
    ["ORCHID", "2001:10::1"],
    ["ORCHID 2", "2001:20::1"],
    ["documentation", "2001:db8::1"],
    ["6to4 of loopback", "2002:7f00:1::"],
    ["6to4 of 10.0.0.1", "2002:a00:1::1"],
    ["AS112", "2620:4f:8000::1"],
    ["6bone", "3ffe::1"],
    ["documentation, new", "3fff::1"],
    ["outside 2000::/3, below", "1fff::1"],
    ["outside 2000::/3, above", "4000::1"],
    ["segment routing", "5f00::1"],
    ["unique local", "fc00::1"],
    ["AWS's metadata", "fd00:ec2::254"],
    ["Google's metadata", "fd20:ce::254"],
    ["link-local", "fe80::1"],
    ["link-local with a zone", "fe80::1%eth0"],
    ["public with a zone", "2606:4700:4700::1111%1"],
    ["site-local", "fec0::1"],
    ["multicast", "ff02::1"],
    ["octal", "0177.0.0.1"],
    ["short", "127.1"],
    ["a number", "2130706433"],
    ["hex", "0x7f000001"],
    ["nothing", ""],
    ["a name", "localhost"],
  ])("%s (%s) is not", (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

test("a listed name may lead inside, and still not to what hands out credentials or reaches everybody", () => {
  for (const address of ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd12::1", "8.8.8.8"]) {
    expect([address, isNeverAddress(address)]).toEqual([address, false]);
  }
  const never = "169.254.169.254 168.63.129.16 100.100.100.200 192.0.0.192 0.0.0.0 224.0.0.1 255.255.255.255";
  const six = ":: fe80::1 ff02::1 fd00:ec2::254 fd00:ec2::23 fd00:42::42 fd20:ce::254 2002:7f00:1::";
  // The metadata host under IPv6 names of its IPv4 address, and a private address under one.
  const disguised =
    "::ffff:169.254.169.254 ::ffff:a9fe:a9fe ::169.254.169.254 ::ffff:0:a9fe:a9fe ::ffff:10.0.0.1";
  for (const address of `${never} ${six} ${disguised} rubbish`.split(" ")) {
    expect([address, isNeverAddress(address)]).toEqual([address, true]);
  }
});

test("one address has one spelling", () => {
  expect(canonicalAddress("2606:4700:0:0:0:0:0:1")).toBe(canonicalAddress("2606:4700::1"));
  expect(canonicalAddress("::1%lo")).toBeNull();
});
